package dev.hearth.imagecache.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The programs that keep log-ins for others, over <a
 * href="https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol">docker's
 * protocol</a>: {@code docker-credential-NAME get}, the server's name in, JSON out. They run as the
 * user that Hearth runs as, with its environment. What they print is secret and goes into no
 * message.
 *
 * @param path the directories to look for them, and nowhere else
 */
public record CredentialHelpers(List<Path> path) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

    /** What docker's own helpers print when they have no log-in; not a failure. */
    private static final String NOT_FOUND = "credentials not found in native keychain";

    public CredentialHelpers {
        path = List.copyOf(path);
    }

    /**
     * @param path as in the environment variable of that name; relative directories are left out
     */
    public static CredentialHelpers on(String path) {
        return new CredentialHelpers(
                Arrays.stream(path.split(File.pathSeparator, -1))
                        .filter(d -> d.startsWith("/"))
                        .map(Path::of)
                        .toList());
    }

    private record Answer(
            @JsonProperty("Username") @Nullable String username,
            @JsonProperty("Secret") @Nullable String secret) {}

    /**
     * The log-in that a helper has for a server, if it has one.
     *
     * @throws HearthException {@code credential-helper-failed}
     */
    Optional<Login> get(String name, String server, Duration left) {
        if (!NAME.matcher(name).matches()) {
            throw failed(
                    ErrorKind.INVALID,
                    name,
                    server,
                    "with another name than a-z, 0-9 and - is configured");
        }
        String program = "docker-credential-" + name;
        Path file =
                path.stream()
                        .map(directory -> directory.resolve(program))
                        .filter(f -> Files.isRegularFile(f) && Files.isExecutable(f))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        failed(
                                                ErrorKind.INVALID,
                                                name,
                                                server,
                                                "is not on Hearth's PATH"));
        HelperProcess.Result result;
        try {
            result = HelperProcess.run(file, server, left);
        } catch (HelperProcess.FailedException e) {
            throw failed(ErrorKind.UNAVAILABLE, name, server, String.valueOf(e.getMessage()));
        }
        if (result.status() != 0) {
            if (result.text().contains(NOT_FOUND)) {
                return Optional.empty();
            }
            throw failed(
                    ErrorKind.UNAVAILABLE, name, server, "ended with status " + result.status());
        }
        return login(name, server, result.output());
    }

    private static Optional<Login> login(String name, String server, byte[] output) {
        Answer answer;
        try {
            answer = Json.read(output, Answer.class, "log-in");
        } catch (BadDocumentException e) {
            throw failed(ErrorKind.UNAVAILABLE, name, server, "printed something else than JSON");
        }
        if (answer.username == null || answer.secret == null || answer.secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Login.of(answer.username, answer.secret));
    }

    private static HearthException failed(ErrorKind kind, String name, String server, String why) {
        String shown = NAME.matcher(name).matches() ? "docker-credential-" + name : "a helper";
        return new HearthException(
                kind,
                "credential-helper-failed",
                "the log-in for "
                        + server
                        + " cannot be had: "
                        + shown
                        + " "
                        + why
                        + "; run it by hand (echo "
                        + server
                        + " | "
                        + shown
                        + " get) or log in without it");
    }
}
