package dev.hearth.gateway.acme;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.tls.CertificateFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shredzone.acme4j.util.CertificateUtils;
import org.shredzone.acme4j.util.KeyPairUtils;

/**
 * The account's key and, for each name, one PEM file with a key and the certificates for it. A file
 * is replaced as a whole, so that a key and another key's certificate are never together; only root
 * can read them.
 */
final class AcmeFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    private static final Set<PosixFilePermission> OWNER =
            PosixFilePermissions.fromString("rw-------");
    private static final Duration PLACEHOLDER_LIFE = Duration.ofDays(1);
    private static final String PLACEHOLDER = "CN=not certified yet";

    private final Path home;

    /**
     * @param home made when it is missing
     */
    AcmeFiles(Path home) {
        this.home = home;
    }

    /**
     * The files of some names. Where there is no certificate yet, one that nobody trusts is put, so
     * that HTTPS can be listened on from the start.
     *
     * @param others that count once they have a file
     */
    CertificateFiles certificates(List<String> names, Collection<String> others, Instant now) {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            Path file = file(name);
            if (!Files.exists(file)) {
                KeyPair key = KeyPairUtils.createKeyPair(2048); // RSA: acme4j signs with no other
                Instant end = now.plus(PLACEHOLDER_LIFE);
                store(
                        name,
                        key,
                        List.of(
                                CertificateUtils.createTestRootCertificate(
                                        PLACEHOLDER, now, end, key)));
            }
            files.add(file);
        }
        for (String name : others) {
            if (!names.contains(name) && Files.exists(file(name))) {
                files.add(file(name));
            }
        }
        return new CertificateFiles(files, files);
    }

    private Path file(String name) {
        return home.resolve(name + ".pem");
    }

    /** The certificate for a name; empty while there is none that an authority gave. */
    Optional<X509Certificate> certificate(String name) {
        Path file = file(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            X509Certificate first =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(
                                            new ByteArrayInputStream(
                                                    block(Files.readString(file), "CERTIFICATE")));
            return first.getIssuerX500Principal().equals(first.getSubjectX500Principal())
                    ? Optional.empty()
                    : Optional.of(first);
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e);
        }
    }

    /** Puts a new certificate in the place of the last one. */
    void store(String name, KeyPair key, List<X509Certificate> chain) {
        StringBuilder text = new StringBuilder();
        append(text, "PRIVATE KEY", key.getPrivate().getEncoded());
        try {
            for (X509Certificate certificate : chain) {
                append(text, "CERTIFICATE", certificate.getEncoded());
            }
            write(file(name), text.toString());
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file(name), e);
        }
    }

    /** What the authority knows this platform by; made the first time. */
    KeyPair accountKey() {
        Path file = home.resolve("account.key");
        try {
            if (Files.exists(file)) {
                String text = Files.readString(file);
                KeyFactory keys = KeyFactory.getInstance("EC");
                return new KeyPair(
                        keys.generatePublic(new X509EncodedKeySpec(block(text, "PUBLIC KEY"))),
                        keys.generatePrivate(new PKCS8EncodedKeySpec(block(text, "PRIVATE KEY"))));
            }
            KeyPair key = newKey();
            StringBuilder text = new StringBuilder();
            append(text, "PRIVATE KEY", key.getPrivate().getEncoded());
            append(text, "PUBLIC KEY", key.getPublic().getEncoded());
            write(file, text.toString());
            return key;
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e);
        }
    }

    /** P-256, which every authority and every client takes. */
    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    private static void append(StringBuilder text, String type, byte[] encoded) {
        text.append("-----BEGIN ").append(type).append("-----\n");
        text.append(LINES.encodeToString(encoded)).append('\n');
        text.append("-----END ").append(type).append("-----\n");
    }

    private static byte[] block(String text, String type) throws IOException {
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals(type)) {
                return Base64.getMimeDecoder().decode(blocks.group(2));
            }
        }
        throw new IOException("no " + type + " in it");
    }

    private void write(Path file, String text) throws IOException {
        Files.createDirectories(
                home,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path next = home.resolve(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER));
        Files.writeString(next, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static HearthException unusable(Path file, Exception cause) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "acme-files",
                file
                        + " cannot be used ("
                        + cause.getMessage()
                        + "); make it readable, or take it away to have a new one made",
                cause);
    }
}
