package dev.hearth.imagecache.registry;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The HTTP client for registries: follows no redirect by itself, waits for nothing without limit.
 * One for all pulls; its owner closes it.
 */
public final class RegistryHttp implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration HEADERS = Duration.ofSeconds(30);

    private final Clock clock;
    private final Duration stall;
    private final FreshClient client;

    public RegistryHttp(Clock clock) {
        this(clock, TimedBody.STALL);
    }

    /**
     * @param caFile certificates to trust beside the JDK's own, if any
     * @throws dev.hearth.contracts.HearthException INVALID {@code invalid-config}
     */
    public RegistryHttp(Clock clock, Optional<Path> caFile) {
        this(clock, TimedBody.STALL, caFile);
    }

    RegistryHttp(Clock clock, Duration stall) {
        this(clock, stall, Optional.empty());
    }

    private RegistryHttp(Clock clock, Duration stall, Optional<Path> caFile) {
        this.clock = clock;
        this.stall = stall;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT);
        caFile.map(TrustStore::with).ifPresent(builder::sslContext);
        this.client = new FreshClient(builder);
    }

    /**
     * One GET; the caller closes the body.
     *
     * @param headers names and values by turns
     * @param left the most time until the response's headers are there
     */
    HttpResponse<InputStream> get(URI uri, Duration left, String... headers) throws IOException {
        return send(HttpRequest.newBuilder(uri), left, headers);
    }

    /** One POST of a form; the caller closes the body. The rest as {@link #get}. */
    HttpResponse<InputStream> post(URI uri, Duration left, String form, String... headers)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form));
        return send(request, left, headers);
    }

    private HttpResponse<InputStream> send(
            HttpRequest.Builder request, Duration left, String... headers) throws IOException {
        Duration timeout = left.compareTo(HEADERS) < 0 ? left : HEADERS;
        request.timeout(timeout.isZero() ? Duration.ofMillis(1) : timeout)
                .header("User-Agent", "hearth");
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), info -> new TimedBody(clock, stall));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("given up");
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
