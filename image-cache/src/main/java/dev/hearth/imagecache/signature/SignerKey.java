package dev.hearth.imagecache.signature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.List;

/**
 * A public key that images may be signed with.
 *
 * @param algorithms by Java's names; a signature by any of them counts
 */
record SignerKey(PublicKey key, List<String> algorithms) {
    /** NIST SP 800-131A: less was broken or will be. */
    private static final int LEAST_RSA_BITS = 2048;

    /** More only costs time: a verification grows with the square. */
    private static final int MOST_RSA_BITS = 8192;

    private static final BigInteger P256_PRIME =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);

    private static final BigInteger P384_PRIME =
            new BigInteger(
                    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                            + "ffffffff0000000000000000ffffffff",
                    16);

    SignerKey {
        algorithms = List.copyOf(algorithms);
    }

    /** Refuses kinds and sizes of keys that cosign does not make or nobody should use. */
    static SignerKey of(PublicKey key) throws BadKeyException {
        return switch (key) {
            case ECPublicKey ec -> new SignerKey(ec, ecdsa(ec));
            case RSAPublicKey rsa -> {
                int bits = rsa.getModulus().bitLength();
                if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
                    throw new BadKeyException(
                            "has an RSA key of "
                                    + bits
                                    + " bits; it needs "
                                    + LEAST_RSA_BITS
                                    + " to "
                                    + MOST_RSA_BITS);
                }
                yield new SignerKey(rsa, List.of("SHA256withRSA"));
            }
            case EdECPublicKey ed
                    when ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) ->
                    new SignerKey(ed, List.of("Ed25519"));
            default -> throw notSupported();
        };
    }

    /**
     * cosign hashed with SHA-256 whatever the curve; newer releases hash as long as the curve is.
     * The prime names the curve: Java knows no other of that field but P-256 and P-384 here.
     */
    private static List<String> ecdsa(ECPublicKey key) throws BadKeyException {
        if (!(key.getParams().getCurve().getField()
                instanceof java.security.spec.ECFieldFp field)) {
            throw notSupported();
        }
        if (field.getP().equals(P256_PRIME)) {
            return List.of("SHA256withECDSA");
        }
        if (field.getP().equals(P384_PRIME)) {
            return List.of("SHA256withECDSA", "SHA384withECDSA");
        }
        throw notSupported();
    }

    private static BadKeyException notSupported() {
        return new BadKeyException(
                "has a key that is not ECDSA P-256 or P-384, RSA or Ed25519; make one with"
                        + " \"cosign generate-key-pair\"");
    }

    /** Whether this key signed exactly these bytes. */
    boolean signed(byte[] message, byte[] signature) {
        return algorithms.stream().anyMatch(algorithm -> signed(algorithm, message, signature));
    }

    private boolean signed(String algorithm, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException notEvenASignature) {
            return false;
        }
    }
}
