package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The authorities whose certificates registries may show: the JDK's own and a file of others. */
final class TrustStore {
    private TrustStore() {}

    /**
     * TLS that trusts the JDK's authorities and those in a PEM file.
     *
     * @throws HearthException INVALID {@code invalid-config}
     */
    static SSLContext with(Path file) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int n = 0;
            for (Certificate authority : authorities(file)) {
                store.setCertificateEntry("authority-" + n++, authority);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(store), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw invalid(file, String.valueOf(e.getMessage()));
        }
    }

    /** The file's, then the JDK's. */
    static List<Certificate> authorities(Path file) throws IOException, GeneralSecurityException {
        List<Certificate> all = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            all.addAll(CertificateFactory.getInstance("X.509").generateCertificates(in));
        }
        if (all.isEmpty()) {
            throw new IOException("there is no certificate in it");
        }
        for (TrustManager manager : managers(null)) {
            if (manager instanceof X509TrustManager x509) {
                all.addAll(List.of(x509.getAcceptedIssuers()));
            }
        }
        return all;
    }

    private static TrustManager[] managers(@Nullable KeyStore store)
            throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static HearthException invalid(Path file, String why) {
        return HearthException.invalid(
                "invalid-config",
                "the certificates in hearth.images.ca-file, "
                        + file
                        + ", cannot be used: "
                        + why
                        + "; give a PEM file that Hearth may read");
    }
}
