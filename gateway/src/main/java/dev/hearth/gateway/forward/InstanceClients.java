package dev.hearth.gateway.forward;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.gateway.pool.RevisionPool;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;

/**
 * The clients of one event loop that speak to instances, one for each protocol that a container may
 * ask for. Their connections belong to the loop and are kept for the next request.
 *
 * @param http1 for HTTP/1.1
 * @param http2 for HTTP/2 without TLS, begun with its preface (RFC 9113 section 3.3)
 */
public record InstanceClients(HttpClient http1, HttpClient http2) {
    private static final int CONNECT_MILLIS = 1_000;

    /** Well within {@link RevisionPool#LEAST_REST}, with the second until Vert.x looks. */
    private static final int KEEP_ALIVE_SECONDS = 5;

    private static final int CONNECTIONS_PER_INSTANCE = 1_100; // above the most concurrency, 1000

    /** Servers take 100 streams a connection or more, so that these carry the most concurrency. */
    private static final int HTTP2_CONNECTIONS_PER_INSTANCE = 16;

    private static final int STREAMS_PER_CONNECTION = 100;

    /** What a container may send ahead of its reader. */
    private static final int STREAM_WINDOW = 256 * 1024;

    /** As much as all streams together, so that none that is not read holds up the others. */
    private static final int CONNECTION_WINDOW = STREAMS_PER_CONNECTION * STREAM_WINDOW;

    /** Of all fields of a head, on either side of the gateway. */
    public static final int HEADER_BYTES = 32 * 1024;

    /**
     * Of a body at a time: as much as Netty reads at once. Its own 8 KiB make eight of each read.
     */
    public static final int PIECE_BYTES = 64 * 1024;

    /** New clients; call on the loop they are for. */
    public static InstanceClients on(Vertx vertx) {
        return new InstanceClients(
                vertx.createHttpClient(options()),
                vertx.createHttpClient(
                        options()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false)
                                .setHttp2KeepAliveTimeout(KEEP_ALIVE_SECONDS)
                                .setHttp2MultiplexingLimit(STREAMS_PER_CONNECTION)
                                .setHttp2MaxPoolSize(HTTP2_CONNECTIONS_PER_INSTANCE)
                                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                                .setInitialSettings(
                                        new Http2Settings()
                                                .setPushEnabled(false)
                                                .setInitialWindowSize(STREAM_WINDOW)
                                                .setMaxHeaderListSize(HEADER_BYTES))));
    }

    private static HttpClientOptions options() {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMaxPoolSize(CONNECTIONS_PER_INSTANCE)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setMaxHeaderSize(HEADER_BYTES)
                        .setMaxChunkSize(PIECE_BYTES)
                        .setTcpNoDelay(true)
                        .setTcpKeepAlive(true)
                        .setTcpUserTimeout(InstanceConnections.SILENT_MILLIS)
                        .setDecompressionSupported(false);
        // a machine that is cut off when it has taken a request would be waited for
        options.setTcpKeepAliveIdleSeconds(InstanceConnections.SILENT_AFTER_SECONDS)
                .setTcpKeepAliveIntervalSeconds(1)
                .setTcpKeepAliveCount(InstanceConnections.SILENT_PROBES);
        return options;
    }

    HttpClient of(ContainerSpec container) {
        return container.http2() ? http2 : http1;
    }
}
