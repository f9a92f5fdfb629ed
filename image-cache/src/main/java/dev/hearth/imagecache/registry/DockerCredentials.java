package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Log-ins as {@code docker login} and {@code podman login} keep them, by default in {@code
 * ~/.docker/config.json}. Read anew for each pull, so that a fresh log-in counts at once.
 * Credential helpers are not asked.
 */
public record DockerCredentials(Path file) {
    private record Auth(
            @Nullable String auth, @Nullable String username, @Nullable String password) {}

    private record Config(@Nullable Map<String, @Nullable Auth> auths) {}

    /** The file of the user that Hearth runs as. */
    public static DockerCredentials ofUser() {
        return new DockerCredentials(
                Path.of(System.getProperty("user.home", "/root"), ".docker", "config.json"));
    }

    /**
     * The value of an Authorization header for a registry, if there is a log-in for it.
     *
     * @throws HearthException INVALID {@code invalid-docker-config}; the file's content, which is
     *     secret, is not in the message
     */
    Optional<String> basic(String host) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Config config;
        try {
            config = Json.read(Files.readAllBytes(file), Config.class, "log-ins");
        } catch (IOException | BadDocumentException e) {
            throw HearthException.invalid(
                    "invalid-docker-config", "the log-ins in " + file + " cannot be read; mend it");
        }
        Map<String, @Nullable Auth> auths = config.auths() == null ? Map.of() : config.auths();
        return Optional.ofNullable(auths.get(host))
                .or(() -> Optional.ofNullable(auths.get("https://" + host)))
                .flatMap(DockerCredentials::header);
    }

    private static Optional<String> header(Auth auth) {
        if (auth.auth() != null && !auth.auth().isEmpty()) {
            return Optional.of("Basic " + auth.auth());
        }
        if (auth.username() == null || auth.password() == null) {
            return Optional.empty();
        }
        String both = auth.username() + ":" + auth.password();
        return Optional.of(
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return "log-ins in " + file;
    }
}
