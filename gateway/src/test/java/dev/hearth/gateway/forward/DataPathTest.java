package dev.hearth.gateway.forward;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The forwarder between real sockets; the "instance" is a server of the test's own. */
class DataPathTest {
    private static final int HUGE = 64 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private Traffic traffic =
            new Traffic(new Routes(new HostNames("localhost")), runtime, Clock.system());
    private int port;

    @AfterEach
    void close() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /**
     * A container that answers with {@code handler}, behind a gateway that routes "hello" to it.
     */
    private void gatewayBefore(Consumer<HttpServerRequest> handler) throws Exception {
        gatewayBefore(handler, Revisions.of("hello", 80, 10));
    }

    private void gatewayBefore(Consumer<HttpServerRequest> handler, RevisionSpec revision)
            throws Exception {
        HttpServer container =
                await(
                        vertx.createHttpServer()
                                .requestHandler(handler::accept)
                                .listen(0, "127.0.0.1"));
        gateway(container.actualPort(), revision);
    }

    private void gateway(int containerPort, RevisionSpec revision) throws Exception {
        runtime = new FakeRuntime("127.0.0.1", containerPort);
        Routes routes = new Routes(new HostNames("localhost"));
        traffic = new Traffic(routes, runtime, Clock.system());
        traffic.replace(RouteTable.of(Map.of(new ServiceName("hello"), revision)));
        Forwarder forwarder = TestForwarder.on(vertx, routes);
        port =
                await(
                                FrontDoor.before(
                                                forwarder,
                                                vertx,
                                                new HttpServerOptions(),
                                                Deadlines.DEFAULT)
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
    }

    private Socket open(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        sockets.add(socket);
        socket.setSoTimeout(15_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** The whole answer to a request on a connection of its own. */
    private String exchange(String request) throws IOException {
        try (Socket socket = open(request)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String get(String path, String... headers) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
                + "\r\n";
    }

    @Test
    void cold_fiftyAtOnce_oneStartAllAnswered() throws Exception {
        gatewayBefore(r -> r.response().end("warm"));
        List<Socket> burst = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            burst.add(open(get("/")));
        }
        until(() -> traffic.activeRequests() == 50);
        assertThat(runtime.starts()).isEqualTo(1);
        runtime.succeed();
        for (Socket socket : burst) {
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .contains("Server-Timing: queue;dur=")
                    .endsWith("warm");
        }
        until(() -> traffic.activeRequests() == 0);
    }

    @Test
    void warm_noReceipt() throws Exception {
        gatewayBefore(r -> r.response().end("warm"));
        runtime.startAtOnce();
        exchange(get("/"));
        assertThat(exchange(get("/"))).doesNotContain("Server-Timing");
    }

    @Test
    void headers_bothWays_asTheContractSays() throws Exception {
        AtomicInteger count = new AtomicInteger();
        StringBuilder seen = new StringBuilder();
        gatewayBefore(
                r -> {
                    count.incrementAndGet();
                    r.headers()
                            .forEach(
                                    h ->
                                            seen.append(h.getKey().toLowerCase())
                                                    .append(": ")
                                                    .append(h.getValue())
                                                    .append('\n'));
                    r.response()
                            .putHeader("X-Hearth-Error", "forged")
                            .putHeader("Connection", "X-Secret")
                            .putHeader("X-Secret", "1")
                            .putHeader("Set-Cookie", (Iterable<String>) List.of("a=1", "b=2"))
                            .setStatusCode(418)
                            .end("tea");
                });
        runtime.startAtOnce();
        String answer =
                exchange(
                        "GET /x?y=%20z HTTP/1.1\r\nHost: hello.localhost:8080\r\nConnection: close\r\nConnection: X-Hop\r\n"
                                + "X-Hop: 1\r\nTE: trailers\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
                                + "Accept: a\r\nAccept: b\r\nX-Request-Id: mine\r\n\r\n");
        assertThat(seen.toString())
                .contains("host: hello.localhost:8080\n")
                .contains("x-forwarded-for: 127.0.0.1\n")
                .contains("x-forwarded-proto: http\n")
                .contains("x-forwarded-host: hello.localhost:8080\n")
                .contains("forwarded: for=127.0.0.1;host=\"hello.localhost:8080\";proto=http\n")
                .contains("traceparent: 00-")
                .contains("accept: a\n", "accept: b\n")
                .doesNotContain("x-hop", "te: ", "6.6.6.6", "mine");
        assertThat(answer)
                .startsWith("HTTP/1.1 418")
                .contains("Set-Cookie: a=1", "Set-Cookie: b=2")
                .doesNotContain("X-Hearth-Error", "X-Secret");
    }

    @Test
    void hugeBody_echoed_streamsBothWays() throws Exception {
        gatewayBefore(
                r -> {
                    HttpServerResponse response = r.response().setChunked(true);
                    r.pipeTo(response);
                });
        runtime.startAtOnce();
        Socket socket =
                open(
                        "POST /echo HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\nContent-Length: "
                                + HUGE
                                + "\r\n\r\n");
        AtomicLong got = new AtomicLong();
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(
                        () -> {
                            try (InputStream in = socket.getInputStream()) {
                                byte[] buffer = new byte[1 << 16];
                                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                                    got.addAndGet(n);
                                }
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        byte[] piece = new byte[1 << 16];
        for (int sent = 0; sent < HUGE; sent += piece.length) {
            socket.getOutputStream().write(piece);
        }
        reading.get(60, TimeUnit.SECONDS);
        assertThat(got.get()).isGreaterThan(HUGE);
    }

    @Test
    void stream_firstChunkArrivesBeforeTheSecondIsMade() throws Exception {
        CompletableFuture<HttpServerResponse> open = new CompletableFuture<>();
        gatewayBefore(
                r -> {
                    r.response().setChunked(true).write("first");
                    open.complete(r.response());
                });
        runtime.startAtOnce();
        Socket socket = open(get("/"));
        StringBuilder text = new StringBuilder();
        while (text.indexOf("first") < 0) {
            text.append((char) socket.getInputStream().read());
        }
        open.get(5, TimeUnit.SECONDS).end("second");
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .contains("second");
    }

    @Test
    void unknownHost_404FromThePlatform() throws Exception {
        gatewayBefore(r -> r.response().end());
        String answer = exchange(get("/").replace("hello.localhost", "other.localhost"));
        assertThat(answer)
                .startsWith("HTTP/1.1 404")
                .contains("X-Hearth-Error: no-such-service")
                .contains("\"source\":\"platform\"");
    }

    @Test
    void twoHostsOrNone_400() throws Exception {
        gatewayBefore(r -> r.response().end());
        assertThat(exchange(get("/", "Host: other.localhost"))).startsWith("HTTP/1.1 400");
        assertThat(exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void startFails_503WithTheContainersLastWords() throws Exception {
        gatewayBefore(r -> r.response().end());
        Socket socket = open(get("/", "Accept: text/plain"));
        until(() -> runtime.openStarts() == 1);
        runtime.fail(
                new HearthException(
                        ErrorKind.FAILED_PRECONDITION,
                        "container-exited",
                        "it exited",
                        List.of("boom")));
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .startsWith("HTTP/1.1 503")
                .contains("X-Hearth-Error: container-exited")
                .containsIgnoringCase("retry-after: 1")
                .contains("platform: it exited\n  boom\n");
    }

    @Test
    void containerClosesBeforeAnswering_502AndPostIsNotRepeated() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        gatewayBefore(
                r -> {
                    requests.incrementAndGet();
                    r.connection().close();
                });
        runtime.startAtOnce();
        String answer =
                exchange(
                        "POST / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(answer)
                .startsWith("HTTP/1.1 502")
                .contains("X-Hearth-Error: container-closed")
                .contains("\"source\":\"container\"");
        assertThat(requests.get()).isEqualTo(1);
    }

    @Test
    void containerClosesBeforeAnswering_getIsTriedOnceMore() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        gatewayBefore(
                r -> {
                    if (requests.incrementAndGet() == 2) {
                        r.response().end("second");
                    } else {
                        r.connection().close();
                    }
                });
        runtime.startAtOnce();
        assertThat(exchange(get("/"))).startsWith("HTTP/1.1 200").endsWith("second");
        requests.set(2); // from now on it closes always
        assertThat(exchange(get("/"))).startsWith("HTTP/1.1 502").contains("container-closed");
        assertThat(requests.get()).isBetween(4, 5); // the kept connection, and new ones
    }

    @Test
    void clientClosesItsSendingSide_itsRequestIsCancelled() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        gatewayBefore(
                r -> {
                    r.connection().closeHandler(closed -> cancelled.complete(null));
                    arrived.complete(null);
                });
        runtime.startAtOnce();
        Socket socket = open(get("/"));
        arrived.get(10, TimeUnit.SECONDS);
        socket.shutdownOutput();
        cancelled.get(10, TimeUnit.SECONDS);
        until(() -> traffic.activeRequests() == 0);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void connectionRefused_anotherInstanceIsTried() throws Exception {
        gateway(1, Revisions.of("hello", 80, 10)); // nothing listens on port 1
        runtime.startAtOnce();
        assertThat(exchange(get("/"))).startsWith("HTTP/1.1 503").contains("instance-unreachable");
        assertThat(runtime.starts()).isEqualTo(3);
        assertThat(runtime.stops()).hasSize(3);
    }

    @Test
    void noAnswerInTime_504() throws Exception {
        gatewayBefore(
                r -> {},
                Revisions.of(
                        "hello",
                        1,
                        new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                        Duration.ofSeconds(1)));
        runtime.startAtOnce();
        assertThat(exchange(get("/")))
                .startsWith("HTTP/1.1 504")
                .contains("X-Hearth-Error: timeout");
        until(() -> traffic.activeRequests() == 0);
    }

    @Test
    void clientBreaksOffInItsBody_containerNeverTakesItForWhole() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger whole = new AtomicInteger();
        AtomicInteger broken = new AtomicInteger();
        gatewayBefore(
                r -> {
                    r.handler(part -> begun.incrementAndGet());
                    r.endHandler(end -> whole.incrementAndGet());
                    r.exceptionHandler(e -> broken.incrementAndGet());
                });
        runtime.startAtOnce();
        for (String framing :
                List.of("Transfer-Encoding: chunked\r\n\r\n5\r\n", "Content-Length: 10\r\n\r\n")) {
            int before = begun.get();
            Socket client =
                    open("POST / HTTP/1.1\r\nHost: hello.localhost\r\n" + framing + "hello");
            until(() -> begun.get() > before);
            client.close();
        }
        until(() -> broken.get() == 2);
        assertThat(whole).hasValue(0);
    }

    @Test
    void clientGone_upstreamIsCancelledAndItsPlaceFree() throws Exception {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        gatewayBefore(r -> r.connection().closeHandler(v -> cancelled.complete(null)));
        runtime.startAtOnce();
        Socket socket = open(get("/"));
        until(() -> traffic.activeRequests() == 1 && runtime.starts() == 1);
        Thread.sleep(50);
        socket.close();
        cancelled.get(5, TimeUnit.SECONDS);
        until(() -> traffic.activeRequests() == 0);
    }

    @Test
    void brokenInTheMiddle_clientSeesNoWholeAnswer() throws Exception {
        gatewayBefore(
                r -> {
                    r.response().putHeader("Content-Length", "100").write("part");
                    vertx.setTimer(50, t -> r.connection().close());
                });
        runtime.startAtOnce();
        assertThat(exchange(get("/"))).contains("part").startsWith("HTTP/1.1 200");
        until(() -> traffic.activeRequests() == 0);
    }

    @Test
    void head_noBodyAndLengthKept() throws Exception {
        gatewayBefore(r -> r.response().putHeader("Content-Length", "5").end());
        runtime.startAtOnce();
        assertThat(exchange(get("/").replace("GET", "HEAD")))
                .containsIgnoringCase("content-length: 5")
                .endsWith("\r\n\r\n");
    }

    @Test
    void expectContinue_isAnsweredAndTheBodyArrives() throws Exception {
        gatewayBefore(r -> r.body().onSuccess(b -> r.response().end("got " + b)));
        runtime.startAtOnce();
        Socket socket =
                open(
                        "POST / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
        assertThat(new String(line, StandardCharsets.US_ASCII)).contains("100 Continue");
        socket.getOutputStream().write("hi".getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .endsWith("got hi");
    }

    @Test
    void webSocket_passesThrough() throws Exception {
        HttpServer container =
                await(
                        vertx.createHttpServer()
                                .webSocketHandler(
                                        ws ->
                                                ws.textMessageHandler(
                                                        t -> ws.writeTextMessage("echo " + t)))
                                .listen(0, "127.0.0.1"));
        gateway(container.actualPort(), Revisions.of("hello", 80, 10));
        runtime.startAtOnce();
        CompletableFuture<String> heard = new CompletableFuture<>();
        vertx.createWebSocketClient()
                .connect(
                        new io.vertx.core.http.WebSocketConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .addHeader("Host", "hello.localhost")
                                .setURI("/ws"))
                .onSuccess(
                        ws -> {
                            ws.textMessageHandler(heard::complete);
                            ws.writeTextMessage("hi");
                        })
                .onFailure(heard::completeExceptionally);
        assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("echo hi");
    }

    @Test
    void trailers_passThrough() throws Exception {
        gatewayBefore(
                r ->
                        r.response()
                                .setChunked(true)
                                .putTrailer("X-Sum", "42")
                                .end(Buffer.buffer("data")));
        runtime.startAtOnce();
        assertThat(exchange(get("/"))).containsIgnoringCase("x-sum: 42");
    }
}
