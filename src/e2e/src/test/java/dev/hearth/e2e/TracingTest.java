package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hearth.testing.Eventually;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Spans arrive at whatever speaks OTLP over HTTP at the configured endpoint. */
@Tag("root")
class TracingTest {
    private final List<String> exported = new CopyOnWriteArrayList<>();

    @Test
    void otlpEndpoint_coldRequest_itsStepsAreExported() throws Exception {
        HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext(
                "/v1/traces",
                exchange -> {
                    boolean gzip =
                            "gzip"
                                    .equals(
                                            exchange.getRequestHeaders()
                                                    .getFirst("Content-Encoding"));
                    try (InputStream in =
                            gzip
                                    ? new GZIPInputStream(exchange.getRequestBody())
                                    : exchange.getRequestBody()) {
                        // protobuf keeps texts as they are, so names can be looked for in the bytes
                        exported.add(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
                    }
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        collector.start();
        try (Platform platform =
                new Platform("--otlp", "http://127.0.0.1:" + collector.getAddress().getPort())) {
            platform.up();
            platform.deploy("traced");
            platform.hearth("stop", "traced");
            String headers = platform.get("traced", "/headers").asString();
            assertThat(headers).containsPattern("(?i)traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01");
            Eventually.until(
                    "spans exported",
                    Duration.ofSeconds(30),
                    () -> exported.stream().anyMatch(e -> e.contains("cold-start")));
            assertThat(String.join("", exported))
                    .contains("queue", "slot", "limits", "rootfs", "exec", "ready", "upstream")
                    .contains("traced.localhost");
        } finally {
            collector.stop(0);
        }
    }
}
