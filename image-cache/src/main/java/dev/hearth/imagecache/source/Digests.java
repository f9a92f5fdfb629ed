package dev.hearth.imagecache.source;

import dev.hearth.contracts.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes in memory. */
public final class Digests {
    private Digests() {}

    public static Digest of(byte[] bytes) {
        try {
            return Digest.sha256(
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
