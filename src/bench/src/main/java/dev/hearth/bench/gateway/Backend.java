package dev.hearth.bench.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.platform.Wanted;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The one instance that all send to: of a service that has exactly one, always.
 *
 * <p>A request whose answer does not end is held in it through the gateway for as long as this is
 * open: else the platform would take it for idle, and cut its CPU, while the others load it.
 */
final class Backend implements AutoCloseable {
    /** More than connections that are opened to it, so that the limit is counted and never met. */
    private static final int CONCURRENCY = 500;

    /** Chunks for longer than a request may take. */
    private static final String HELD = "/stream?n=100000&ms=1000";

    /** The longest there is. */
    private static final String TIMEOUT = "60m";

    private final PrivatePlatform platform;
    private final String service;
    private final InetSocketAddress address;
    private final Socket held;

    private Backend(
            PrivatePlatform platform, String service, InetSocketAddress address, Socket held) {
        this.platform = platform;
        this.service = service;
        this.address = address;
        this.held = held;
    }

    static Backend deploy(PrivatePlatform platform, String service, String image) {
        platform.admin().deploy(wanted(service, image, 1, "24h").with("timeout", TIMEOUT));
        List<JsonNode> instances = platform.admin().instances(service);
        if (instances.size() != 1) {
            throw new BenchFailure(
                    "one instance of " + service + " was expected: " + instances.size());
        }
        String[] address = instances.getFirst().path("address").asText().split(":");
        Socket held = new Socket();
        try {
            held.connect(new InetSocketAddress("127.0.0.1", platform.httpPort()));
            String request = "GET " + HELD + " HTTP/1.1\r\nHost: " + host(service) + "\r\n\r\n";
            held.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new BenchFailure("the gateway takes no request: " + e, e);
        }
        return new Backend(
                platform,
                service,
                new InetSocketAddress(address[0], Integer.parseInt(address[1])),
                held);
    }

    static Wanted wanted(String service, String image, int min, String idle) {
        return Wanted.of(service, image)
                .with("concurrency", CONCURRENCY)
                .with("min", min)
                .with("max", 1)
                .with("idle", idle);
    }

    static String host(String service) {
        return service + ".localhost";
    }

    InetSocketAddress address() {
        return address;
    }

    Contestant direct() {
        return new Contestant(Contestant.DIRECT, address, "localhost", List.of());
    }

    Contestant hearth() {
        return new Contestant(
                Contestant.HEARTH,
                new InetSocketAddress("127.0.0.1", platform.httpPort()),
                host(service),
                List.of(platform.pid()));
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}
