package dev.hearth.imagecache.signature;

import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads public keys in PEM, as {@code cosign generate-key-pair} and openssl write them. */
final class PublicKeys {
    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ");

    private static final List<String> FACTORIES = List.of("EC", "RSA", "Ed25519");

    private PublicKeys() {}

    /** All keys of a file, one at least; one block that is not a public key spoils it. */
    static List<SignerKey> parse(String pem) throws BadKeyException {
        List<SignerKey> keys = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            String label = blocks.group(1);
            if (!label.equals("PUBLIC KEY")) {
                throw new BadKeyException(
                        "has a "
                                + label
                                + " where a PUBLIC KEY is wanted; \"openssl pkey -in FILE -pubout\""
                                + " and \"cosign public-key --key FILE\" print the public key of a"
                                + " private one");
            }
            keys.add(SignerKey.of(key(bytes(blocks.group(2)))));
        }
        if (keys.size() != BEGIN.splitAsStream(pem).count() - 1) {
            throw new BadKeyException("has a PEM block that does not end as it began");
        }
        if (keys.isEmpty()) {
            throw new BadKeyException("has no PEM block \"-----BEGIN PUBLIC KEY-----\"");
        }
        return List.copyOf(keys);
    }

    private static byte[] bytes(String base64) throws BadKeyException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new BadKeyException("has a PUBLIC KEY that is not Base64");
        }
    }

    /** The encoding names its algorithm, so only one factory takes it. */
    private static PublicKey key(byte[] encoded) throws BadKeyException {
        for (String algorithm : FACTORIES) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePublic(new X509EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException another) {
                continue;
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java has " + algorithm, e);
            }
        }
        throw new BadKeyException(
                "has a damaged PUBLIC KEY, or one that is not ECDSA, RSA or Ed25519");
    }
}
