package dev.hearth.catalog.secret;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits, the ciphertext, a tag of 128 bits. What
 * the value is of is authenticated with it, so that nobody who can write to the database can give
 * one secret's value to another.
 */
public final class Sealing {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String ALGORITHM = "AES/GCM/NoPadding";

    private final SecretKeys keys;
    private final SecureRandom random;

    public Sealing(SecretKeys keys, SecureRandom random) {
        this.keys = keys;
        this.random = random;
    }

    /**
     * A value encrypted.
     *
     * @param keyId of the key
     * @param bytes nonce, ciphertext and tag
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Sealed(String keyId, byte[] bytes) {}

    /** The id of the key that {@link #seal} uses. */
    public String currentKey() {
        return keys.current();
    }

    /** Encrypts a value with the current key. */
    public Sealed seal(String of, byte[] value) {
        String id = keys.current();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, id, nonce, of).doFinal(value);
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + encrypted.length);
            System.arraycopy(encrypted, 0, all, NONCE_BYTES, encrypted.length);
            return new Sealed(id, all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK knows AES-GCM", e);
        }
    }

    /**
     * The value. FAILED_PRECONDITION {@code secrets-key-missing}, INTERNAL {@code secret-corrupt}
     * when it is not what was sealed.
     *
     * @param of the same as when it was sealed
     */
    public byte[] open(String of, Sealed sealed) {
        byte[] bytes = sealed.bytes();
        if (bytes.length < NONCE_BYTES) {
            throw corrupt(of);
        }
        byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, sealed.keyId(), nonce, of)
                    .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
        } catch (AEADBadTagException changed) {
            throw corrupt(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK knows AES-GCM", e);
        }
    }

    private Cipher cipher(int mode, String keyId, byte[] nonce, String of)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, keys.key(keyId), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(of.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static HearthException corrupt(String of) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "secret-corrupt",
                "the value of "
                        + of
                        + " in the database is not what was stored there; destroy that version, and"
                        + " add the value anew");
    }
}
