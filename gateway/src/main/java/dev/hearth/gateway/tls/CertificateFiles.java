package dev.hearth.gateway.tls;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * PEM files with certificate chains, and the private keys that belong to them, as certbot and
 * Kubernetes write them. A client that names a host (SNI) sees the certificate for it, any other
 * the first one.
 *
 * @param certificates each the server's own certificate first, then those that lead to the root
 * @param keys PKCS#8, or PKCS#1 for RSA, unencrypted, in the same order
 */
public record CertificateFiles(List<Path> certificates, List<Path> keys) {
    private static final long MOST_BYTES = 1 << 20;
    private static final byte[] PROOF = {1, 2, 3, 4};

    public CertificateFiles {
        certificates = List.copyOf(certificates);
        keys = List.copyOf(keys);
        if (certificates.isEmpty() || certificates.size() != keys.size()) {
            throw HearthException.invalid(
                    "invalid-certificate",
                    "there are "
                            + certificates.size()
                            + " certificates and "
                            + keys.size()
                            + " keys; give one --tls-key for each --tls-cert, with commas between");
        }
    }

    /** Reads lists of paths with commas between. */
    public static CertificateFiles parse(String certificates, String keys) {
        return new CertificateFiles(paths(certificates), paths(keys));
    }

    private static List<Path> paths(String text) {
        List<Path> paths = new ArrayList<>();
        for (String path : text.split(",", -1)) {
            paths.add(Path.of(path.strip()));
        }
        return paths;
    }

    /** Changes whenever a file does; follows symbolic links, which Kubernetes swaps. */
    String stamp() throws IOException {
        StringBuilder stamp = new StringBuilder();
        for (List<Path> files : List.of(certificates, keys)) {
            for (Path file : files) {
                stamp.append(Files.getLastModifiedTime(file).toMillis())
                        .append('/')
                        .append(Files.size(file))
                        .append(' ');
            }
        }
        return stamp.toString();
    }

    /**
     * Reads the files and makes sure that each key belongs to its certificate; blocks.
     *
     * @throws HearthException INVALID {@code invalid-certificate}
     */
    public List<Certified> load(Vertx vertx) {
        List<Certified> all = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Path certificate = certificates.get(i);
            Path key = keys.get(i);
            try {
                all.add(
                        read(
                                new PemKeyCertOptions()
                                        .setCertPath(path(certificate))
                                        .setKeyPath(path(key)),
                                vertx));
            } catch (Exception e) { // what Vert.x throws of files it cannot use has no common type
                throw new HearthException(
                        ErrorKind.INVALID,
                        "invalid-certificate",
                        "certificate "
                                + certificate
                                + " and key "
                                + key
                                + " cannot be used ("
                                + e.getMessage()
                                + "); both must be PEM, and the key the certificate's own",
                        e);
            }
        }
        return all;
    }

    private static String path(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " has more than " + MOST_BYTES + " bytes");
        }
        return file.toString();
    }

    private static Certified read(PemKeyCertOptions pair, Vertx vertx) throws Exception {
        for (KeyManager manager : pair.getKeyManagerFactory(vertx).getKeyManagers()) {
            if (manager instanceof X509KeyManager keys) {
                for (String type : List.of("RSA", "EC", "EdDSA")) {
                    String[] aliases = keys.getServerAliases(type, null);
                    if (aliases != null && aliases.length > 0) {
                        List<X509Certificate> chain = List.of(keys.getCertificateChain(aliases[0]));
                        PrivateKey key = keys.getPrivateKey(aliases[0]);
                        prove(key, chain.getFirst().getPublicKey());
                        return new Certified(key, chain);
                    }
                }
            }
        }
        throw new GeneralSecurityException("its key is neither RSA nor EC nor Ed25519");
    }

    /** What one signs the other must verify. */
    private static void prove(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROOF);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(PROOF);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is another certificate's");
        }
    }
}
