package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What containers are told of where a request came from, when its connection is a load balancer's.
 * Both ways of a request, that of usual ones and Vert.x', tell the same.
 */
class TrustedProxiesTest {
    private static final String USUAL = "";
    private static final String BY_VERTX = "Transfer-Encoding: chunked\r\n";

    /** What containers are told when only the connection counts. */
    private static final List<String> OF_THE_CONNECTION =
            List.of(
                    "forwarded: for=127.0.0.1;host=hello.localhost;proto=http",
                    "x-forwarded-for: 127.0.0.1",
                    "x-forwarded-host: hello.localhost",
                    "x-forwarded-proto: http",
                    "x-request-id: #");

    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<String> seen = new AtomicReference<>("");
    private RawContainer container;
    private int port;

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        container.close();
    }

    private void gateway(String proxies, RateLimit perClient) throws Exception {
        container =
                new RawContainer(
                        (head, n, in, out) -> {
                            seen.set(head);
                            if (head.contains("chunked")) {
                                in.readNBytes(
                                        "0\r\n\r\n".length()); // unread, it would reset the answer
                            }
                            // said to close: one closed unsaid may be taken for the next request
                            out.write(
                                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                            .getBytes(StandardCharsets.US_ASCII));
                            return false;
                        });
        FakeRuntime runtime = new FakeRuntime("127.0.0.1", container.port()).startAtOnce();
        Routes routes = new Routes(new HostNames("localhost"));
        Traffic traffic = new Traffic(routes, runtime, Clock.system());
        RequestPolicy policy =
                new RequestPolicy(Duration.ofMinutes(1), false, RateLimit.NONE, perClient);
        traffic.replace(
                RouteTable.of(Map.of(new ServiceName("hello"), Revisions.of("hello", 1, policy))));
        port =
                FrontDoor.before(
                                TestForwarder.on(vertx, routes, TrustedProxies.parse(proxies)),
                                vertx,
                                new HttpServerOptions(),
                                Deadlines.DEFAULT)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
    }

    private String status(String way, String headers) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(15_000);
            String end = way.equals(BY_VERTX) ? "0\r\n\r\n" : "";
            socket.getOutputStream()
                    .write(
                            ("GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n"
                                            + way
                                            + headers
                                            + "\r\n"
                                            + end)
                                    .getBytes(StandardCharsets.ISO_8859_1));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return answer.substring(9, 12);
        }
    }

    /** The lines that tell the container of its request's origin, in the order of the alphabet. */
    private List<String> told(String way, String headers) throws Exception {
        assertThat(status(way, headers)).isEqualTo("200");
        return seen.get()
                .lines()
                .map(
                        line -> {
                            int colon = Math.max(0, line.indexOf(':'));
                            return line.substring(0, colon).toLowerCase(java.util.Locale.ROOT)
                                    + line.substring(colon);
                        })
                .filter(line -> line.startsWith("forwarded:") || line.startsWith("x-"))
                .filter(line -> !line.startsWith("x-cloud"))
                .map(line -> line.replaceAll("[0-9a-f]{32}", "#"))
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void connectionOfAProxy_whatItSaysIsContinued(String way) throws Exception {
        gateway("192.0.2.0/24,127.0.0.0/8", RateLimit.NONE);
        assertThat(
                        told(
                                way,
                                "X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nx-forwarded-for: 192.0.2.1\r\n"
                                        + "X-Forwarded-Proto: HTTPS\r\nX-Forwarded-Host: www.example.com:8443\r\n"
                                        + "Forwarded: for=203.0.113.9\r\nX-Request-Id: a-1\r\n"))
                .containsExactly(
                        "forwarded: for=203.0.113.9, for=127.0.0.1;host=hello.localhost;proto=http",
                        "x-forwarded-for: 6.6.6.6, 203.0.113.9, 192.0.2.1, 127.0.0.1",
                        "x-forwarded-host: www.example.com:8443",
                        "x-forwarded-proto: https",
                        "x-request-id: a-1");
        assertThat(told(way, "X-Forwarded-For: 2001:db8::1, [2001:db8::2]:80,x\r\n"))
                .containsExactly(
                        "forwarded: for=\"[2001:db8:0:0:0:0:0:1]\", for=\"[2001:db8:0:0:0:0:0:2]\","
                                + " for=unknown, for=127.0.0.1;host=hello.localhost;proto=http",
                        "x-forwarded-for: 2001:db8::1, [2001:db8::2]:80,x, 127.0.0.1",
                        "x-forwarded-host: hello.localhost",
                        "x-forwarded-proto: http",
                        "x-request-id: #");
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void connectionOfAProxy_whatMakesNoSenseIsReplaced(String way) throws Exception {
        gateway("127.0.0.1", RateLimit.NONE);
        assertThat(
                        told(
                                way,
                                "X-Forwarded-For:\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a b\r\n"
                                        + "Forwarded: \r\nX-Request-Id: \"\r\nX_Forwarded_For: 6.6.6.6\r\n"))
                .isEqualTo(OF_THE_CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void connectionOfAnybodyElse_isNotBelieved(String way) throws Exception {
        gateway("192.0.2.0/24,::/0", RateLimit.NONE);
        assertThat(
                        told(
                                way,
                                "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Request-Id: a-1\r\n"
                                        + "X-Forwarded-Host: www.example.com\r\nForwarded: for=203.0.113.9\r\n"))
                .isEqualTo(OF_THE_CONNECTION);
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void rateLimitOfAClient_countsTheLastAddressThatIsNoProxys(String way) throws Exception {
        gateway("127.0.0.1,192.0.2.1", RateLimit.parse("1/h"));
        assertThat(status(way, "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 192.0.2.1\r\n"))
                .isEqualTo("200");
        assertThat(status(way, "X-Forwarded-For: 2.2.2.2, 203.0.113.9:4711\r\n")).isEqualTo("429");
        assertThat(status(way, "X-Forwarded-For: 203.0.113.10\r\n")).isEqualTo("200");
        assertThat(status(way, "")).isEqualTo("200"); // the proxy itself
        assertThat(status(way, "X-Forwarded-For: 1.1.1.1, unknown\r\n")).isEqualTo("429");
    }

    @Test
    void otherHeaders_neverAskedForTheOrigin() throws Exception {
        gateway("127.0.0.1", RateLimit.NONE);
        assertThat(told(USUAL, "X-Real-Ip: 6.6.6.6\r\n"))
                .contains("x-forwarded-for: 127.0.0.1", "x-real-ip: 6.6.6.6");
    }
}
