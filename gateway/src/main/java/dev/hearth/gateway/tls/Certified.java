package dev.hearth.gateway.tls;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;

/**
 * A private key and the certificates for it.
 *
 * @param chain the key's own certificate first
 */
public record Certified(PrivateKey key, List<X509Certificate> chain) {
    private static final int DNS_NAME = 2; // RFC 5280 section 4.2.1.6, GeneralName

    public Certified {
        chain = List.copyOf(chain);
    }

    /**
     * Whether the certificate is for this host: by a name of it, or by a {@code *.} one above it.
     */
    boolean isFor(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int dot = name.indexOf('.');
        String above = dot < 0 ? name : "*" + name.substring(dot);
        try {
            return chain.getFirst().getSubjectAlternativeNames() != null
                    && chain.getFirst().getSubjectAlternativeNames().stream()
                            .filter(entry -> entry.getFirst().equals(DNS_NAME))
                            .map(entry -> entry.get(1).toString().toLowerCase(Locale.ROOT))
                            .anyMatch(n -> n.equals(name) || n.equals(above));
        } catch (CertificateParsingException e) {
            return false;
        }
    }
}
