package dev.hearth.standalone.data;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The keys that secrets are encrypted with in the database, in {@code secrets-key} of the data
 * directory: one a line, the current one first. Whoever has the database without this file has no
 * secret, and neither has its owner: it belongs into a backup, and into another one.
 */
public final class SecretsKey {
    private static final String FILE = "secrets-key";

    private SecretsKey() {}

    /** The keys with commas between; made at the first call, with mode 0600. */
    public static String of(Path data) {
        Path file = data.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                return AdminToken.secret(file); // 256 random bits too
            }
            return String.join(
                    ",",
                    Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList());
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "data-directory-unusable",
                    "reading " + file + " failed: " + e,
                    e);
        }
    }
}
