package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of pushes and pulls through the gateway, between real sockets. */
class RegistryForwardTest {
    private static final int HUGE = 64 << 20;

    /** What two pairs of socket buffers and the gateway's own queues may hold. */
    private static final int MOST_UNDER_WAY = 24 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final ConcurrentLinkedQueue<AutoCloseable> sockets = new ConcurrentLinkedQueue<>();
    private Optional<InetSocketAddress> registry = Optional.empty();
    private int port;

    @BeforeEach
    void setUp() throws Exception {
        FakeRuntime runtime =
                new FakeRuntime("127.0.0.1", server(r -> r.response().end("the service")));
        runtime.startAtOnce();
        Routes routes = new Routes(new HostNames("example.test"));
        new Traffic(routes, runtime, Clock.system())
                .replace(
                        RouteTable.of(
                                Map.of(new ServiceName("hello"), Revisions.of("hello", 80, 10))));
        Forwarder forwarder = TestForwarder.on(vertx, routes, () -> registry);
        port = server(forwarder::handle);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable socket : sockets) {
            socket.close();
        }
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private int server(Consumer<HttpServerRequest> handler) throws Exception {
        HttpServer server = vertx.createHttpServer().requestHandler(handler::accept);
        return await(server.listen(0, "127.0.0.1")).actualPort();
    }

    private void registry(Consumer<HttpServerRequest> handler) throws Exception {
        registry = Optional.of(new InetSocketAddress("127.0.0.1", server(handler)));
    }

    /** A registry of which the test plays every byte. */
    private ServerSocket rawRegistry() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        registry = Optional.of(new InetSocketAddress("127.0.0.1", socket.getLocalPort()));
        return socket;
    }

    private Socket accept(ServerSocket server) throws IOException {
        Socket socket = server.accept();
        sockets.add(socket);
        socket.setSoTimeout(15_000);
        return socket;
    }

    private Socket open(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        sockets.add(socket);
        socket.setSoTimeout(15_000);
        write(socket, request);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String request(String method, String host, String path, String... headers) {
        return method
                + " "
                + path
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
                + "\r\n";
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = open(request)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** The head of a message, up to its empty line. */
    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("ended after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.test",
                "EXAMPLE.test:8080",
                "registry.example.test",
                "localhost:8080",
                "127.0.0.1"
            })
    void call_onTheRegistrysHosts_reachesItWithItsHeaders(String host) throws Exception {
        List<String> seen = new ArrayList<>();
        registry(
                r -> {
                    seen.add(r.method() + " " + r.uri() + " " + r.getHeader("Authorization"));
                    r.response()
                            .setStatusCode(401)
                            .putHeader("WWW-Authenticate", "Basic realm=\"Hearth\"")
                            .putHeader("Docker-Distribution-API-Version", "registry/2.0")
                            .end("{}");
                });
        String answer =
                exchange(
                        request(
                                "GET",
                                host,
                                "/v2/a/tags/list?n=1&last=a%2Fb",
                                "Connection: close",
                                "Authorization: Basic eDp5"));
        assertThat(seen).containsExactly("GET /v2/a/tags/list?n=1&last=a%2Fb Basic eDp5");
        assertThat(answer)
                .startsWith("HTTP/1.1 401")
                .containsIgnoringCase("www-authenticate: Basic realm=\"Hearth\"")
                .containsIgnoringCase("docker-distribution-api-version: registry/2.0")
                .endsWith("{}");
    }

    @Test
    void call_onAServicesHost_goesToTheService() throws Exception {
        registry(r -> r.response().end("the registry"));
        assertThat(exchange(request("GET", "hello.example.test", "/v2/", "Connection: close")))
                .endsWith("the service");
        assertThat(exchange(request("GET", "none.example.test", "/v2/", "Connection: close")))
                .startsWith("HTTP/1.1 404");
        assertThat(exchange(request("GET", "example.test", "/v3/", "Connection: close")))
                .startsWith("HTTP/1.1 404");
    }

    @Test
    void call_registryAbsentOrNotListening_503() throws Exception {
        String call = request("GET", "example.test", "/v2/", "Connection: close");
        assertThat(exchange(call))
                .startsWith("HTTP/1.1 503")
                .contains("X-Hearth-Error: registry-unavailable");
        rawRegistry().close();
        assertThat(exchange(call))
                .startsWith("HTTP/1.1 503")
                .contains("X-Hearth-Error: registry-unavailable");
    }

    @Test
    void push_registrySlow_clientIsHeldBackAndAllArrives() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client =
                open(
                        request(
                                "PATCH",
                                "example.test",
                                "/v2/a/blobs/uploads/1",
                                "Content-Length: " + HUGE));
        AtomicLong sent = new AtomicLong();
        Thread sender = Thread.ofVirtual().start(() -> send(client, sent));
        Socket upstream = accept(server);
        assertThat(head(upstream)).containsIgnoringCase("content-length: " + HUGE);

        stalls(sent);
        assertThat(sent.get()).isLessThan(MOST_UNDER_WAY);

        assertThat(receive(upstream)).isEqualTo(HUGE);
        sender.join();
        write(upstream, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nRange: 0-1\r\n\r\n");
        assertThat(head(client)).startsWith("HTTP/1.1 202").containsIgnoringCase("range: 0-1");
    }

    @Test
    void pull_clientSlow_registryIsHeldBackAndAllArrives() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client = open(request("GET", "example.test", "/v2/a/blobs/sha256:1"));
        Socket upstream = accept(server);
        head(upstream);
        write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: " + HUGE + "\r\n\r\n");
        AtomicLong sent = new AtomicLong();
        Thread sender = Thread.ofVirtual().start(() -> send(upstream, sent));

        stalls(sent);
        assertThat(sent.get()).isLessThan(MOST_UNDER_WAY);

        assertThat(head(client)).containsIgnoringCase("content-length: " + HUGE);
        assertThat(receive(client)).isEqualTo(HUGE);
        sender.join();
    }

    private static void send(Socket to, AtomicLong sent) {
        byte[] piece = new byte[1 << 16];
        try {
            OutputStream out = to.getOutputStream();
            while (sent.get() < HUGE) {
                out.write(piece);
                sent.addAndGet(piece.length);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long receive(Socket from) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long got = 0;
        for (int n = 0; n >= 0 && got < HUGE; got += Math.max(0, n)) {
            n = from.getInputStream().read(buffer);
        }
        return got;
    }

    /** Returns when a count was the same for half a second. */
    private static void stalls(AtomicLong count) throws InterruptedException {
        long[] last = {-1, 0};
        Eventually.until(
                "no more is taken",
                Duration.ofSeconds(30),
                () -> {
                    long now = Clock.system().nanos();
                    if (count.get() != last[0]) {
                        last[0] = count.get();
                        last[1] = now;
                    }
                    return now - last[1] > 500_000_000L;
                });
    }

    @Test
    void push_withoutALength_chunked() throws Exception {
        registry(r -> r.body().onSuccess(b -> r.response().end("got " + b)));
        assertThat(
                        exchange(
                                request(
                                                "PATCH",
                                                "example.test",
                                                "/v2/a/blobs/uploads/1",
                                                "Connection: close",
                                                "Transfer-Encoding: chunked")
                                        + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
                .endsWith("got abcde");
    }

    @Test
    void push_expectContinue_isTold() throws Exception {
        registry(r -> r.body().onSuccess(b -> r.response().end("got " + b)));
        Socket client =
                open(
                        request(
                                "PUT",
                                "example.test",
                                "/v2/a/blobs/uploads/1",
                                "Connection: close",
                                "Content-Length: 2",
                                "Expect: 100-continue"));
        assertThat(head(client)).startsWith("HTTP/1.1 100");
        write(client, "hi");
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .endsWith("got hi");
    }

    @Test
    void push_clientBreaksOff_registrySeesTheEnd() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client =
                open(
                        request(
                                        "PATCH",
                                        "example.test",
                                        "/v2/a/blobs/uploads/1",
                                        "Content-Length: 9")
                                + "half");
        Socket upstream = accept(server);
        head(upstream);
        assertThat(upstream.getInputStream().readNBytes(4)).asString().isEqualTo("half");
        client.close();
        assertThat(ended(upstream)).isTrue();
    }

    @Test
    void pull_clientGone_registrySeesTheEnd() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client = open(request("GET", "example.test", "/v2/a/blobs/sha256:1"));
        Socket upstream = accept(server);
        head(upstream);
        client.close();
        assertThat(ended(upstream)).isTrue();
    }

    private static boolean ended(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void push_refusedInItsMiddle_clientReadsWhy() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client =
                open(
                        request(
                                "PATCH",
                                "example.test",
                                "/v2/a/blobs/uploads/1",
                                "Content-Length: " + HUGE));
        Socket upstream = accept(server);
        head(upstream);
        write(upstream, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nwhy");
        upstream.close();
        assertThat(head(client)).startsWith("HTTP/1.1 413");
        assertThat(client.getInputStream().readNBytes(3)).asString().isEqualTo("why");
    }

    @Test
    void answers_withoutBody_asHttpDemands() throws Exception {
        registry(
                r -> {
                    if (r.method().name().equals("HEAD")) {
                        r.response().putHeader("Content-Length", "1234").end();
                    } else {
                        r.response().setStatusCode(204).end();
                    }
                });
        Socket client = open(request("DELETE", "example.test", "/v2/a/blobs/uploads/1"));
        assertThat(head(client))
                .startsWith("HTTP/1.1 204")
                .doesNotContainIgnoringCase("transfer-encoding");
        write(client, request("HEAD", "example.test", "/v2/a/blobs/sha256:1"));
        assertThat(head(client))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("content-length: 1234")
                .doesNotContainIgnoringCase("transfer-encoding");
        write(client, request("HEAD", "example.test", "/v2/a/blobs/sha256:1"));
        assertThat(head(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void registryBreaksOffInTheMiddle_clientSeesNoWholeAnswer() throws Exception {
        ServerSocket server = rawRegistry();
        Socket client = open(request("GET", "example.test", "/v2/a/blobs/sha256:1"));
        Socket upstream = accept(server);
        head(upstream);
        write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
        assertThat(head(client)).startsWith("HTTP/1.1 200");
        assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("part");
        upstream.close();
        assertThat(ended(client)).isTrue();
    }

    @Test
    void connection_closedByTheRegistryBetweenTwoCalls_secondIsAnswered() throws Exception {
        ServerSocket server = rawRegistry();
        for (int i = 0; i < 3; i++) {
            Socket client = open(request("GET", "example.test", "/v2/"));
            Socket upstream = accept(server);
            head(upstream);
            write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            upstream.close();
            assertThat(head(client)).startsWith("HTTP/1.1 200");
            assertThat(client.getInputStream().readNBytes(2)).asString().isEqualTo("{}");
        }
    }

    /** Clients of registries try TLS first, and wait ten seconds for an answer to their hello. */
    @Test
    void tlsHello_endsAtOnce() throws Exception {
        try (Socket client = SSLSocketFactory.getDefault().createSocket("127.0.0.1", port)) {
            client.setSoTimeout(3_000);
            assertThatThrownBy(() -> ((SSLSocket) client).startHandshake())
                    .isInstanceOf(SSLException.class); // not a timeout
        }
    }
}
