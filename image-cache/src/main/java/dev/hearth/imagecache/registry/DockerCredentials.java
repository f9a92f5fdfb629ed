package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.reference.ImageReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Log-ins as {@code docker login} and {@code podman login} keep them: in files, the first of which
 * that has one for a registry wins, or with helpers that the files name. Read anew for each pull,
 * so that a fresh log-in counts at once.
 */
public record DockerCredentials(List<LogInFile> files, CredentialHelpers helpers) {
    private static final Path PODMAN = Path.of("containers", "auth.json");

    public DockerCredentials {
        files = List.copyOf(files);
    }

    /** One file, and the helpers on Hearth's own PATH. */
    public DockerCredentials(Path file) {
        this(
                List.of(new LogInFile(file, false)),
                CredentialHelpers.on(System.getenv().getOrDefault("PATH", "")));
    }

    /** One file, without the helpers, which are of the machine's user. */
    public static DockerCredentials of(LogInFile file) {
        return new DockerCredentials(List.of(file), CredentialHelpers.on(""));
    }

    /** The files of the user that Hearth runs as. */
    public static DockerCredentials ofUser() {
        return ofUser(Path.of(System.getProperty("user.home", "/root")), System.getenv());
    }

    /**
     * Docker's file, then podman's: where a session keeps it, where root without a session does,
     * and the one that outlives a restart.
     */
    static DockerCredentials ofUser(Path home, Map<String, String> environment) {
        List<Path> paths = new ArrayList<>();
        paths.add(home.resolve(".docker").resolve("config.json"));
        directory(environment, "XDG_RUNTIME_DIR").ifPresent(d -> paths.add(d.resolve(PODMAN)));
        paths.add(Path.of("/run/containers/0/auth.json"));
        paths.add(
                directory(environment, "XDG_CONFIG_HOME")
                        .orElse(home.resolve(".config"))
                        .resolve(PODMAN));
        return new DockerCredentials(
                paths.stream().map(path -> new LogInFile(path, false)).toList(),
                CredentialHelpers.on(environment.getOrDefault("PATH", "")));
    }

    private static Optional<Path> directory(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> value.startsWith("/"))
                .map(Path::of);
    }

    /** These, after those of a file that wins over them. */
    public DockerCredentials after(LogInFile first) {
        List<LogInFile> all = new ArrayList<>(files);
        all.addFirst(first);
        return new DockerCredentials(all, helpers);
    }

    /**
     * The log-in for an image's repository, if there is one.
     *
     * @param left the most time that a helper may take
     * @throws dev.hearth.contracts.HearthException INVALID {@code invalid-docker-config}, {@code
     *     credential-helper-failed}
     */
    Optional<Login> find(ImageReference.Registry image, Duration left) {
        return files.stream()
                .flatMap(file -> file.read().stream())
                .flatMap(logIns -> logIns.find(image, helpers, left).stream())
                .findFirst();
    }
}
