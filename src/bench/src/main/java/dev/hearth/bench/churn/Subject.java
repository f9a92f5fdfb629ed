package dev.hearth.bench.churn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The platform that is looked at from outside.
 *
 * @param data its data directory, with no symbolic link in its path
 * @param jvm its JVM's process id
 * @param id what its cgroups, links and rules are called by
 */
public record Subject(Path data, long jvm, String id) {
    /** The platform with this data directory. */
    public static Subject of(Path data, long jvm) throws IOException {
        Path real = data.toRealPath();
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(real.toString().getBytes(StandardCharsets.UTF_8));
            return new Subject(real, jvm, HexFormat.of().formatHex(hash, 0, 3));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
