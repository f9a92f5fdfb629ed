package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A file of log-ins in the format of docker's {@code config.json}, which is also that of podman's
 * {@code auth.json}. It need not exist.
 *
 * @param ownerOnly whether to refuse it when others than its owner may read or write it
 */
public record LogInFile(Path path, boolean ownerOnly) {
    /** More log-ins than anybody has; a helper-less file has 100 bytes for each. */
    private static final int MOST_BYTES = 1 << 20;

    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rwx------");

    /** A project's own log-ins, which the operator puts into the data directory. */
    public static LogInFile ofProject(Path data, String project) {
        return new LogInFile(
                data.resolve("projects").resolve(project).resolve("registries.json"), true);
    }

    /**
     * What it says now, if it is there.
     *
     * @throws HearthException INVALID {@code invalid-docker-config}; the file's content, which is
     *     secret, is not in the message
     */
    Optional<LogIns> read() {
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(path)) {
            if (ownerOnly) {
                checkOwnerOnly();
            }
            byte[] content = in.readNBytes(MOST_BYTES + 1);
            if (content.length > MOST_BYTES) {
                throw invalid("has more than " + MOST_BYTES + " bytes; mend it");
            }
            return Optional.of(
                    new LogIns(path, Json.read(content, LogIns.Document.class, "log-ins")));
        } catch (IOException | BadDocumentException e) {
            throw invalid("cannot be read; mend it");
        }
    }

    private void checkOwnerOnly() throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (!OWNER.containsAll(permissions)) {
            throw invalid(
                    "is open to others than its owner ("
                            + PosixFilePermissions.toString(permissions)
                            + "); chmod 600 it");
        }
    }

    private HearthException invalid(String why) {
        return HearthException.invalid(
                "invalid-docker-config", "the file of registry log-ins " + path + " " + why);
    }
}
