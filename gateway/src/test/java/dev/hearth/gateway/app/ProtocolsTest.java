package dev.hearth.gateway.app;

import static dev.hearth.gateway.app.TestGateway.await;
import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.HostAndPort;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/1.1 and HTTP/2 without TLS, in and out, between real sockets. */
class ProtocolsTest {
    private static final int MEBIBYTES = 64;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<TestGateway> door = new AtomicReference<>();

    @AfterEach
    void close() throws Exception {
        door.get().close();
        await(vertx.close());
    }

    private void container(RevisionSpec revision, Consumer<HttpServerRequest> handler)
            throws Exception {
        int port =
                await(
                                vertx.createHttpServer()
                                        .requestHandler(handler::accept)
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
        door.set(new TestGateway(vertx, port, revision, Optional.empty()));
    }

    private static RevisionSpec speaking(HttpVersion version) {
        return version == HttpVersion.HTTP_2
                ? Revisions.http2("hello")
                : Revisions.of("hello", 80, 10);
    }

    private static RevisionSpec withinASecond() {
        return Revisions.of(
                "hello", 1, new Scaling(80, 0, 10, Duration.ofSeconds(60)), Duration.ofSeconds(1));
    }

    private HttpClient client(HttpVersion version) {
        return vertx.createHttpClient(
                new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setHttp2ClearTextUpgrade(false));
    }

    private HttpClientRequest request(HttpVersion version, HttpMethod method, String path)
            throws Exception {
        HttpClientRequest request =
                await(
                        client(version)
                                .request(
                                        new RequestOptions()
                                                .setHost("127.0.0.1")
                                                .setPort(door.get().port)
                                                .setMethod(method)
                                                .setURI(path)));
        return request.authority(HostAndPort.create("hello.localhost", door.get().port));
    }

    /** Sends a request; the response when all of its body is there. */
    private static HttpClientResponse whole(HttpClientRequest request) throws Exception {
        return whole(request, Buffer.buffer());
    }

    private static HttpClientResponse whole(HttpClientRequest request, Buffer body)
            throws Exception {
        // asked for before anything is sent: a body that comes before somebody wants it is lost
        Future<HttpClientResponse> whole =
                request.response().compose(response -> response.body().map(response));
        if (body.length() == 0) {
            request.send();
        } else {
            request.send(body);
        }
        return await(whole);
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, HTTP_1_1", "HTTP_1_1, HTTP_2", "HTTP_2, HTTP_1_1", "HTTP_2, HTTP_2"})
    void anyVersion_toAnyVersion_bodiesHeadersAndTrailersPass(HttpVersion in, HttpVersion out)
            throws Exception {
        container(
                speaking(out),
                r ->
                        r.body()
                                .onSuccess(
                                        body -> {
                                            HttpServerResponse to = r.response();
                                            to.setChunked(true)
                                                    .putHeader("x-version", r.version().name())
                                                    .putHeader("x-host", "" + r.authority())
                                                    .putHeader("x-body", r.getHeader("x-ask"))
                                                    .putTrailer("x-sum", "" + body.length());
                                            to.write(body);
                                            to.end();
                                        }));
        HttpClientRequest request = request(in, HttpMethod.POST, "/echo").putHeader("X-Ask", "ed");

        HttpClientResponse response = whole(request, Buffer.buffer("some body"));

        Buffer body = await(response.body());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.version()).isEqualTo(in);
        assertThat(response.getHeader("x-version")).isEqualTo(out.name());
        assertThat(response.getHeader("x-host")).isEqualTo("hello.localhost:" + door.get().port);
        assertThat(response.getHeader("x-body")).isEqualTo("ed");
        assertThat(body.toString()).isEqualTo("some body");
        assertThat(response.trailers().get("x-sum")).isEqualTo("9");
    }

    @Test
    void http2Request_withoutBody_hasNoneForTheContainer() throws Exception {
        container(
                Revisions.of("hello", 80, 10),
                r -> r.response().end("" + r.headers().contains("Transfer-Encoding")));
        HttpClientResponse response = whole(request(HttpVersion.HTTP_2, HttpMethod.GET, "/"));
        assertThat(await(response.body()).toString()).isEqualTo("false");
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, HTTP_1_1", "HTTP_2, HTTP_2"})
    void largeBody_bothWays_arrivesWhole(HttpVersion in, HttpVersion out) throws Exception {
        container(speaking(out), r -> r.response().setChunked(true).send(r));
        HttpClientRequest request = request(in, HttpMethod.POST, "/echo").setChunked(true);
        Buffer piece = Buffer.buffer(new byte[1 << 20]);
        CompletableFuture<Long> received = new CompletableFuture<>();
        request.response()
                .onSuccess(
                        response -> {
                            long[] sum = new long[1];
                            response.handler(b -> sum[0] += b.length());
                            response.endHandler(end -> received.complete(sum[0]));
                        });
        for (int i = 0; i < MEBIBYTES; i++) {
            await(request.write(piece));
        }
        await(request.end());
        assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo((long) MEBIBYTES << 20);
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, HTTP_1_1", "HTTP_2, HTTP_1_1", "HTTP_1_1, HTTP_2", "HTTP_2, HTTP_2"})
    void head_withoutAnyByteAfterIt_isNotKeptBack(HttpVersion in, HttpVersion out)
            throws Exception {
        AtomicReference<HttpServerRequest> at = new AtomicReference<>();
        container(
                speaking(out),
                r -> {
                    at.set(r);
                    r.response()
                            .setChunked(true)
                            .putHeader("Content-Type", "text/event-stream")
                            .writeHead();
                });
        // its body has begun for the container before there is a byte of it
        HttpClientRequest request = request(in, HttpMethod.POST, "/events").setChunked(true);
        await(request.sendHead());
        HttpClientResponse response = await(request.response());
        assertThat(response.getHeader("Content-Type")).isEqualTo("text/event-stream");
        CompletableFuture<String> event = new CompletableFuture<>();
        response.handler(b -> event.complete(b.toString()));
        at.get().response().write("data: 1\n\n");
        assertThat(event.get(10, TimeUnit.SECONDS)).isEqualTo("data: 1\n\n");
    }

    @ParameterizedTest
    @CsvSource({"HTTP_2, HTTP_1_1", "HTTP_2, HTTP_2"})
    void clientResets_containerIsToldAndThePlaceIsFree(HttpVersion in, HttpVersion out)
            throws Exception {
        CompletableFuture<Void> told = new CompletableFuture<>();
        CompletableFuture<Void> came = new CompletableFuture<>();
        container(
                speaking(out),
                r -> {
                    came.complete(null);
                    r.response().closeHandler(gone -> told.complete(null));
                    r.response().exceptionHandler(gone -> told.complete(null));
                });
        HttpClientRequest request = request(in, HttpMethod.GET, "/");
        request.end();
        came.get(10, TimeUnit.SECONDS);
        request.reset();
        told.get(10, TimeUnit.SECONDS);
        until(() -> door.get().traffic.activeRequests() == 0);
    }

    @Test
    void containerResetsItsStream_502() throws Exception {
        container(Revisions.http2("hello"), r -> r.response().reset());
        HttpClientResponse response =
                await(request(HttpVersion.HTTP_2, HttpMethod.POST, "/").send("x"));
        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.getHeader("X-Hearth-Error")).isEqualTo("container-closed");
    }

    @Test
    void stream_atTheRequestsTimeout_isCutOff() throws Exception {
        container(withinASecond(), r -> r.response().setChunked(true).write("begun"));
        HttpClientResponse response =
                await(request(HttpVersion.HTTP_2, HttpMethod.GET, "/").send());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> await(response.body()))
                .hasCauseInstanceOf(StreamResetException.class);
        until(() -> door.get().traffic.activeRequests() == 0);
    }

    @Test
    void http2Cookies_areOneForAnHttp1Container() throws Exception {
        container(
                Revisions.of("hello", 80, 10),
                r -> r.response().end(String.join("|", r.headers().getAll("Cookie"))));
        HttpClientRequest request = request(HttpVersion.HTTP_2, HttpMethod.GET, "/");
        request.headers().add("cookie", "a=1").add("cookie", "b=2");
        HttpClientResponse response = whole(request);
        assertThat(await(response.body()).toString()).isEqualTo("a=1; b=2");
    }

    /** Connections to the container that none of the requests before gave back would run out. */
    @ParameterizedTest
    @CsvSource({"HTTP_1_1, HTTP_1_1", "HTTP_2, HTTP_1_1", "HTTP_2, HTTP_2"})
    void answeredBeforeTheBodyCame_containersEndIsClosed(HttpVersion in, HttpVersion out)
            throws Exception {
        AtomicInteger open = new AtomicInteger();
        container(
                speaking(out),
                r -> {
                    open.incrementAndGet();
                    r.exceptionHandler(broken -> open.decrementAndGet());
                    r.response().setStatusCode(413).end();
                });
        HttpClientRequest request = request(in, HttpMethod.POST, "/").setChunked(true);
        request.write("a");
        HttpClientResponse response = await(request.response());
        assertThat(response.statusCode()).isEqualTo(413);
        until(() -> open.get() == 0);
        assertThat(door.get().traffic.activeRequests()).isZero();
    }

    @Test
    void upgradeThatIsRefused_connectionIsNotKept() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        container(
                Revisions.of("hello", 80, 10),
                r -> {
                    r.connection().closeHandler(gone -> closed.incrementAndGet());
                    r.response().setStatusCode(403).end("no");
                });
        HttpClientRequest request =
                request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/")
                        .putHeader("Connection", "upgrade")
                        .putHeader("Upgrade", "other");
        assertThat(whole(request).statusCode()).isEqualTo(403);
        until(() -> closed.get() == 1);
    }

    @Test
    void upgradeWithABody_isForwardedAsAnOrdinaryRequest() throws Exception {
        container(
                Revisions.of("hello", 80, 10),
                r -> r.body().onSuccess(body -> r.response().end(body)));
        HttpClientRequest request =
                request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/")
                        .putHeader("Connection", "upgrade")
                        .putHeader("Upgrade", "other");
        assertThat(await(whole(request, Buffer.buffer("a body")).body()).toString())
                .isEqualTo("a body");
    }

    @Test
    void clientLeavesInADownload_containerIsTold() throws Exception {
        CompletableFuture<Void> told = new CompletableFuture<>();
        Buffer piece = Buffer.buffer(new byte[1 << 20]);
        container(
                Revisions.of("hello", 80, 10),
                r -> {
                    HttpServerResponse to = r.response().setChunked(true);
                    to.closeHandler(gone -> told.complete(null));
                    to.drainHandler(more -> to.write(piece));
                    to.write(piece);
                });
        HttpClientRequest request = request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.end();
        HttpClientResponse response = await(request.response());
        response.pause();
        request.connection().close();
        told.get(10, TimeUnit.SECONDS);
        until(() -> door.get().traffic.activeRequests() == 0);
    }

    @Test
    void http10_answerWithoutALength_endsWithTheConnection() throws Exception {
        container(
                Revisions.of("hello", 80, 10),
                r -> {
                    r.response().setChunked(true).write("some");
                    r.response().end("thing");
                });
        try (Socket socket = new Socket("127.0.0.1", door.get().port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            ("GET / HTTP/1.0\r\nHost: hello.localhost\r\n"
                                            + "Connection: keep-alive\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.0 200").endsWith("\r\n\r\nsomething");
        }
    }

    @Test
    void webSocket_atTheRequestsTimeout_isClosed() throws Exception {
        CompletableFuture<Void> containerTold = new CompletableFuture<>();
        container(
                withinASecond(),
                r ->
                        r.toWebSocket()
                                .onSuccess(
                                        ws -> {
                                            ws.closeHandler(gone -> containerTold.complete(null));
                                            ws.textMessageHandler(ws::writeTextMessage);
                                        }));
        CompletableFuture<String> echo = new CompletableFuture<>();
        CompletableFuture<Void> clientTold = new CompletableFuture<>();
        WebSocketClient client = vertx.createWebSocketClient();
        client.connect(
                        new WebSocketConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(door.get().port)
                                .addHeader("Host", "hello.localhost"))
                .onFailure(echo::completeExceptionally)
                .onSuccess(
                        ws -> {
                            ws.textMessageHandler(echo::complete);
                            ws.closeHandler(gone -> clientTold.complete(null));
                            ws.writeTextMessage("so far");
                        });
        assertThat(echo.get(10, TimeUnit.SECONDS)).isEqualTo("so far");
        clientTold.get(10, TimeUnit.SECONDS);
        containerTold.get(10, TimeUnit.SECONDS);
        until(() -> door.get().traffic.activeRequests() == 0);
    }

    private long egressBytes() {
        return door.get().traffic.pools().stream().mapToLong(p -> p.meter().egressBytes()).sum();
    }

    private long requestsBilled() {
        return door.get().traffic.pools().stream().mapToLong(p -> p.meter().requests()).sum();
    }

    @Test
    void webSocket_whatTheContainerSends_isEgress_whileItGoesOnToo() throws Exception {
        int size = 60_000;
        int count = 100;
        container(
                Revisions.of("hello", 80, 10),
                r ->
                        r.toWebSocket()
                                .onSuccess(
                                        ws -> {
                                            ws.textMessageHandler(bye -> ws.close());
                                            for (int i = 0; i < count; i++) {
                                                ws.writeBinaryMessage(
                                                        Buffer.buffer(new byte[size]));
                                            }
                                        }));
        AtomicInteger heard = new AtomicInteger();
        CompletableFuture<WebSocket> socket = new CompletableFuture<>();
        vertx.createWebSocketClient()
                .connect(
                        new WebSocketConnectOptions()
                                .setHost("127.0.0.1")
                                .setPort(door.get().port)
                                .addHeader("Host", "hello.localhost"))
                .onFailure(socket::completeExceptionally)
                .onSuccess(
                        ws -> {
                            ws.binaryMessageHandler(b -> heard.addAndGet(b.length()));
                            socket.complete(ws);
                        });
        WebSocket client = socket.get(10, TimeUnit.SECONDS);
        until(() -> heard.get() == size * count);
        assertThat(egressBytes()).isGreaterThan(size * count - (1 << 20));
        assertThat(requestsBilled()).isZero();

        await(client.writeTextMessage("bye"));
        until(() -> door.get().traffic.activeRequests() == 0);
        // its frames have heads of four octets, and there is the answer's own head
        assertThat(egressBytes()).isBetween((long) size * count, (size + 4L) * count + 1000);
        assertThat(requestsBilled()).isEqualTo(1);
    }

    @Test
    void stream_ofHttp2_isEgress_whileItGoesOnToo() throws Exception {
        int size = 3 << 20;
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        container(
                Revisions.http2("hello"),
                r -> {
                    r.response().setChunked(true).write(Buffer.buffer(new byte[size]));
                    goOn.thenRun(() -> r.response().end("done"));
                });
        AtomicInteger heard = new AtomicInteger();
        request(HttpVersion.HTTP_2, HttpMethod.GET, "/")
                .send()
                .onSuccess(response -> response.handler(b -> heard.addAndGet(b.length())));
        until(() -> heard.get() == size);
        assertThat(egressBytes()).isGreaterThan(size - (1 << 20));
        goOn.complete(null);
        until(() -> requestsBilled() == 1);
        assertThat(egressBytes()).isBetween((long) size + 4, size + 1000L);
    }

    /** A kill at that moment must not find a client that has an answer which is on no bill. */
    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, 3", "HTTP_1_1, 0", "HTTP_1_1, 5000000",
        "HTTP_2, 3", "HTTP_2, 0", "HTTP_2, 5000000"
    })
    void lastOctetOfTheAnswer_isSentWhenTheRequestIsOnTheBill(HttpVersion in, int length)
            throws Exception {
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        container(
                Revisions.http2("hello"),
                r -> {
                    HttpServerResponse to = r.response();
                    to.putHeader("content-length", "" + length);
                    if (length == 0) {
                        to.writeHead();
                    } else {
                        to.write(Buffer.buffer(new byte[length]));
                    }
                    goOn.thenRun(to::end);
                });
        AtomicInteger heard = new AtomicInteger();
        CompletableFuture<String> told = new CompletableFuture<>();
        request(in, HttpMethod.GET, "/")
                .send()
                .onSuccess(
                        response -> {
                            response.handler(b -> heard.addAndGet(b.length()));
                            told.complete(response.getHeader("content-length"));
                        });
        assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo("" + length);
        until(() -> heard.get() == length);

        assertThat(requestsBilled()).isEqualTo(1);
        long egress = egressBytes();
        goOn.complete(null);
        until(() -> door.get().traffic.activeRequests() == 0);
        assertThat(requestsBilled()).isEqualTo(1);
        assertThat(egressBytes()).isEqualTo(egress).isBetween((long) length, length + 1000L);
    }

    @Test
    void upgrade_ofAnHttp2Container_isAnsweredWithoutSwitching() throws Exception {
        container(Revisions.http2("hello"), r -> r.response().end("no switch"));
        HttpClientRequest request =
                request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/")
                        .putHeader("Connection", "upgrade")
                        .putHeader("Upgrade", "websocket");
        HttpClientResponse response = whole(request);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(await(response.body()).toString()).isEqualTo("no switch");
    }

    @Test
    void te_trailersPassToHttp2_nothingElseDoes() throws Exception {
        container(
                Revisions.http2("hello"),
                r -> r.response().end(String.join("|", r.headers().getAll("te"))));
        for (String te : List.of("trailers", "gzip")) {
            HttpClientResponse response =
                    whole(
                            request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/")
                                    .putHeader("TE", te)
                                    .putHeader("Connection", "TE"));
            assertThat(await(response.body()).toString())
                    .isEqualTo(te.equals("trailers") ? te : "");
        }
    }
}
