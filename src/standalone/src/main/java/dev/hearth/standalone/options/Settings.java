package dev.hearth.standalone.options;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How this platform is to run.
 *
 * @param data directory for everything it keeps; absolute
 * @param httpPort where requests come in
 * @param adminPort where the admin API listens, on loopback only
 * @param domain services are at {@code NAME.domain}
 * @param tls certificates to serve with; only plain HTTP without any
 * @param database a PostgreSQL to use instead of the embedded one
 * @param kafka {@code HOST:PORT} of a broker to use instead of the embedded one
 * @param otlp URL of an OpenTelemetry collector; traces are not exported without one
 * @param dns name servers of the instances, with commas between; the host's without any
 * @param proxies networks, with commas between, whose word about where requests come from counts
 */
public record Settings(
        Path data,
        int httpPort,
        int adminPort,
        String domain,
        @Nullable Tls tls,
        @Nullable DatabaseUrl database,
        @Nullable String kafka,
        @Nullable String otlp,
        @Nullable String dns,
        @Nullable String proxies) {
    /** Where requests can be sent, as {@code ready} tells it. */
    public String url() {
        return tls == null
                ? "http://" + domain + ":" + httpPort
                : "https://" + domain + ":" + tls.port();
    }

    /** Where the certificates of TLS come from. */
    public sealed interface Tls {
        /** Where TLS is spoken, beside plain HTTP. */
        int port();
    }

    /**
     * From files.
     *
     * @param certificates PEM files, absolute, with commas between
     * @param keys theirs, in the same order
     */
    public record TlsFiles(int port, String certificates, String keys) implements Tls {}

    /**
     * From an authority that speaks ACME.
     *
     * @param names host names, with commas between
     * @param email where the authority may write to
     * @param directory the authority's URL; Let's Encrypt's without any
     * @param ca a PEM file, absolute, with the root of the directory's own certificate
     */
    public record TlsAcme(
            int port,
            String names,
            @Nullable String email,
            @Nullable String directory,
            @Nullable String ca)
            implements Tls {}
}
