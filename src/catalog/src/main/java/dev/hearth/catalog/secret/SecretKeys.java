package dev.hearth.catalog.secret;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that secrets are encrypted with, by their ids. The first one is used from now on, the
 * others for what was encrypted with them: so a key is replaced by putting another before it.
 */
public final class SecretKeys {
    private static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 8;

    private final Map<String, SecretKey> byId;

    private SecretKeys(Map<String, SecretKey> byId) {
        this.byId = byId;
    }

    /**
     * Reads keys with commas between: each 32 bytes in base64 (or base64url), the current one
     * first; none from an empty text. Throws INVALID {@code invalid-secrets-key}, without the key.
     */
    public static SecretKeys parse(String text) {
        Map<String, SecretKey> keys = new LinkedHashMap<>();
        if (!text.isBlank()) {
            for (String one : text.split(",", -1)) {
                byte[] key = decode(one.strip().replace('-', '+').replace('_', '/'));
                keys.putIfAbsent(id(key), new SecretKeySpec(key, "AES"));
            }
        }
        return new SecretKeys(keys);
    }

    private static byte[] decode(String text) {
        try {
            byte[] key = Base64.getDecoder().decode(text);
            if (key.length == KEY_BYTES) {
                return key;
            }
        } catch (IllegalArgumentException notBase64) {
            // as if it had another length
        }
        throw HearthException.invalid(
                "invalid-secrets-key",
                "one of the keys in HEARTH_SECRETS_KEY, or in the file secrets-key, is not "
                        + KEY_BYTES
                        + " bytes in base64; make one with `openssl rand -base64 32`");
    }

    /** Tells a key without telling anything about it. */
    private static String id(byte[] key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
            return HexFormat.of().formatHex(Arrays.copyOf(hash, ID_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK knows SHA-256", e);
        }
    }

    /** The id of the key that is used from now on. FAILED_PRECONDITION {@code no-secrets-key}. */
    public String current() {
        if (byId.isEmpty()) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "no-secrets-key",
                    "this platform was given no key to encrypt secrets with; set"
                            + " HEARTH_SECRETS_KEY to what `openssl rand -base64 32` prints, the"
                            + " same for each gateway");
        }
        return byId.keySet().iterator().next();
    }

    /** FAILED_PRECONDITION {@code secrets-key-missing}. */
    SecretKey key(String id) {
        SecretKey key = byId.get(id);
        if (key == null) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "secrets-key-missing",
                    "a secret is encrypted with the key "
                            + id
                            + ", which this platform was not given; put it after the current one in"
                            + " HEARTH_SECRETS_KEY, or in the file secrets-key");
        }
        return key;
    }
}
