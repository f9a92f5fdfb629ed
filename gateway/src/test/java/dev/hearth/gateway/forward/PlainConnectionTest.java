package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usual requests between a raw client and a container that answers with octets of the test's. */
class PlainConnectionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n";
    private static final String LAST =
            "GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n";
    private static final String HI = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    private final Vertx vertx = Vertx.vertx();
    private Traffic traffic;
    private RawContainer container;
    private int port;

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        container.close();
    }

    private void gatewayBefore(RawContainer raw) throws Exception {
        gatewayBefore(raw, Deadlines.DEFAULT);
    }

    private void gatewayBefore(RawContainer raw, Deadlines deadlines) throws Exception {
        container = raw;
        FakeRuntime runtime = new FakeRuntime("127.0.0.1", raw.port());
        runtime.startAtOnce();
        Routes routes = new Routes(new HostNames("localhost"));
        traffic = new Traffic(routes, runtime, Clock.system());
        Scaling warm = new Scaling(80, 1, 10, Duration.ofMinutes(1));
        traffic.replace(
                RouteTable.of(
                        Map.of(
                                new ServiceName("hello"),
                                Revisions.of("hello", 1, warm, Duration.ofMinutes(1)))));
        port =
                FrontDoor.before(
                                TestForwarder.on(vertx, routes),
                                vertx,
                                new HttpServerOptions(),
                                deadlines)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
    }

    private Socket open(String octets) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(15_000);
        socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** All that comes back on one connection. */
    private String talk(String octets) throws IOException {
        try (Socket socket = open(octets)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private void allAreOver() throws InterruptedException {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (traffic.activeRequests() > 0) {
            assertThat(System.nanoTime()).as("requests end").isLessThan(giveUp);
            Thread.sleep(5);
        }
    }

    @Test
    void pipelined_answeredInTheirOrderOverOneConnection() throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            String path = head.split(" ")[1];
                            out.write(
                                    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path)
                                            .getBytes(StandardCharsets.US_ASCII));
                            return true;
                        }));
        String answers =
                talk(
                        GET.replace("/ ", "/a ")
                                + GET.replace("/ ", "/b ")
                                + LAST.replace("/ ", "/c "));
        assertThat(answers.replaceAll("(?s)HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "|"))
                .isEqualTo("|\r\n/a|\r\n/b|Connection: close\r\n\r\n/c");
        assertThat(container.connections()).isEqualTo(1);
        allAreOver();
    }

    @Test
    void head_asTheContainerGetsIt_nothingButWhatTheContractAdds() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            seen.set(head);
                            out.write(HI.getBytes(StandardCharsets.US_ASCII));
                            return true;
                        }));
        talk(
                "PATCH /a/./b?c=%20 HTTP/1.1\r\nhost:  Hello.localhost:80\r\nX-One:1 \r\nx_request_id: forged\r\n"
                        + "X-Forwarded_For: 6.6.6.6\r\nConnection: close\r\nKeep-Alive: 5\r\nX-Two: \t2\r\n\r\n");
        assertThat(seen.get().replaceAll("[0-9a-f]{16,}", "#"))
                .isEqualTo(
                        "PATCH /a/./b?c=%20 HTTP/1.1\r\nHost: Hello.localhost:80\r\nX-Forwarded-For: 127.0.0.1\r\n"
                                + "X-Forwarded-Proto: http\r\nX-Forwarded-Host: Hello.localhost:80\r\n"
                                + "Forwarded: for=127.0.0.1;host=\"Hello.localhost:80\";proto=http\r\n"
                                + "X-Request-Id: #\r\ntraceparent: 00-#-#-00\r\n"
                                + "X-Cloud-Trace-Context: #/#;o=0\r\nX-One:1\r\nX-Two: \t2\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5_000, 20_000, 3_000_000})
    void body_ofAnyLength_goesAndComesBack(int length) throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(
                                    ("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n")
                                            .getBytes(StandardCharsets.US_ASCII));
                            out.write(in.readNBytes(length));
                            return true;
                        }));
        byte[] body = new byte[length];
        new java.util.Random(length).nextBytes(body);
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String post =
                "POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: "
                        + length
                        + "\r\n\r\n";
        Socket socket = open("");
        CompletableFuture<Void> sending =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                OutputStream out = socket.getOutputStream();
                                out.write(
                                        (post + text + post + text + LAST.replace("GET", "HEAD"))
                                                .getBytes(StandardCharsets.ISO_8859_1));
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n";
        String all =
                new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        sending.get(10, TimeUnit.SECONDS);
        assertThat(
                        all.equals(
                                answer
                                        + "\r\n"
                                        + text
                                        + answer
                                        + "\r\n"
                                        + text
                                        + answer
                                        + "Connection: close\r\n\r\n"))
                .isTrue();
        allAreOver();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "until it closes > HTTP/1.1 200 OK~~hello > HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello~0~~",
                "old version > HTTP/1.0 200 OK~Content-Length: 2~~hi > HTTP/1.1 200 OK~Content-Length: 2~~hi",
                "no reason > HTTP/1.1 299~Content-Length: 0~~ > HTTP/1.1 299 ~Content-Length: 0~~",
                "interim > HTTP/1.1 100 Go~~HTTP/1.1 103 E~Link: x~~HTTP/1.1 204 No~~ > HTTP/1.1 204 No~~",
                "named > HTTP/1.1 204 N~Connection: x-a, close~X-A: 1~x-b: 2~~ > HTTP/1.1 204 N~x-b: 2~~",
                "forged > HTTP/1.1 204 N~X-Hearth-Error: a~X_Hearth_Error: b~~ > HTTP/1.1 204 N~~",
                "chunks > HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1;a=b~x~0~~ > HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1;a=b~x~0~~",
                "trailers > HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1~x~0~A: 1~X-Hearth-Error: b~Connection: c~~ > HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1~x~0~A: 1~~",
            })
    void response_asTheClientGetsIt(String what, String says, String gets) throws Exception {
        String octets = says.strip().replace("~", "\r\n");
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(octets.getBytes(StandardCharsets.US_ASCII));
                            return false;
                        }));
        String got = talk(LAST).replace("Connection: close\r\n", "");
        assertThat(got.replace("\r\n", "~")).as(what).isEqualTo(gets.strip());
        allAreOver();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
            })
    void malformedResponse_502(String octets) throws Exception {
        gatewayBefore(RawContainer.saying(octets));
        assertThat(talk(LAST))
                .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                .contains("X-Hearth-Error: container-protocol\r\n")
                .contains("\"source\":\"container\"");
        allAreOver();
    }

    @Test
    void moreThanTheResponse_isNobodysAnswer() throws Exception {
        gatewayBefore(RawContainer.saying(HI + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
        assertThat(talk(GET + GET + LAST).split("hi", -1))
                .hasSize(4)
                .noneMatch(a -> a.contains("evil"));
        assertThat(container.connections()).isEqualTo(3);
    }

    @Test
    void badChunkInTheMiddle_cutOff() throws Exception {
        gatewayBefore(
                RawContainer.saying(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n"));
        assertThat(talk(GET)).doesNotEndWith("0\r\n\r\n").doesNotContain("zz");
        allAreOver();
    }

    @Test
    void lessThanTheResponse_cutOff() throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(HI.replace(": 2", ": 3").getBytes(StandardCharsets.US_ASCII));
                            return false;
                        }));
        assertThat(talk(GET)).endsWith("hi");
        allAreOver();
    }

    @Test
    void idleConnectionClosedByTheContainer_anotherIsMade() throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(HI.getBytes(StandardCharsets.US_ASCII));
                            return false;
                        }));
        for (int i = 0; i < 20; i++) {
            assertThat(talk(LAST)).startsWith("HTTP/1.1 200 OK").endsWith("hi");
        }
        assertThat(container.connections()).isEqualTo(20);
        allAreOver();
    }

    @Test
    void instanceDies_manyKeptConnections_triesAreNotUsedUpOnThem() throws Exception {
        CountDownLatch together = new CountDownLatch(8);
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            if (head.startsWith("GET /die")) {
                                container.close();
                                return false;
                            }
                            together.countDown();
                            try {
                                assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            out.write(HI.getBytes(StandardCharsets.US_ASCII));
                            return true;
                        }));
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(open(LAST));
        }
        for (Socket client : clients) {
            assertThat(client.getInputStream().readAllBytes())
                    .endsWith("hi".getBytes(StandardCharsets.US_ASCII));
            client.close();
        }
        assertThat(container.connections()).isEqualTo(8);
        // it was looked for until no instance took the connection, not given up on a kept one
        assertThat(talk(LAST.replace("/ ", "/die "))).contains("instance-unreachable");
        allAreOver();
    }

    @Test
    void unusualOnes_afterUsualOnes_onTheSameConnection() throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            if (head.contains("chunked")) {
                                byte[] chunks = in.readNBytes("2\r\nab\r\n0\r\n\r\n".length());
                                assertThat(new String(chunks, StandardCharsets.US_ASCII))
                                        .endsWith("0\r\n\r\n");
                            }
                            out.write(HI.getBytes(StandardCharsets.US_ASCII));
                            return true;
                        }));
        String chunked =
                "POST / HTTP/1.1\r\nHost: hello.localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        String got = talk(GET + GET + chunked + GET + "BAD\r\n\r\n");
        assertThat(got.split("HTTP/1.1 200 OK", -1)).hasSize(5);
        assertThat(got).contains("HTTP/1.1 400 Bad Request").contains("invalid-request-line");
        allAreOver();
    }

    @Test
    void answeredEarly_restOfTheBodyPassedOver_connectionGoesOn() throws Exception {
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(HI.getBytes(StandardCharsets.US_ASCII));
                            return true;
                        }));
        try (Socket socket =
                open(
                        "POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 100000\r\n\r\nx")) {
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(HI.length()))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(HI);
            allAreOver();
            socket.getOutputStream().write(new byte[99_999]);
            socket.getOutputStream().write(LAST.getBytes(StandardCharsets.US_ASCII));
            assertThat(in.readAllBytes()).asString(StandardCharsets.US_ASCII).endsWith("hi");
        }
        assertThat(container.connections()).isEqualTo(2); // the first had a body to come
    }

    @Test
    void answeredEarly_restOfTheBodyNeverComes_closed() throws Exception {
        gatewayBefore(RawContainer.saying(HI));
        long began = System.nanoTime();
        assertThat(talk("POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 9\r\n\r\nx"))
                .isEqualTo(HI);
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void slowReader_holdsTheContainerBack() throws Exception {
        AtomicLong written = new AtomicLong();
        long length = 256L << 20;
        gatewayBefore(
                new RawContainer(
                        (head, n, in, out) -> {
                            out.write(
                                    ("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n")
                                            .getBytes(StandardCharsets.US_ASCII));
                            byte[] piece = new byte[1 << 16];
                            while (written.get() < length) {
                                out.write(piece);
                                written.addAndGet(piece.length);
                            }
                            return true;
                        }));
        try (Socket socket = open(LAST)) {
            long before = -1;
            while (written.get() != before) { // until it stands still
                before = written.get();
                Thread.sleep(300);
            }
            assertThat(before).isLessThan(length / 4);
            byte[] buffer = new byte[1 << 20];
            long got = 0;
            InputStream in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                got += n;
            }
            assertThat(got).isGreaterThan(length);
        }
        allAreOver();
    }

    @Test
    void slowHead_toldAndClosed_evenWhenOctetsTrickle() throws Exception {
        gatewayBefore(
                RawContainer.saying(HI),
                new Deadlines(Duration.ofMillis(600), Duration.ofSeconds(60)));
        try (Socket socket = open(GET)) {
            InputStream in = socket.getInputStream();
            in.readNBytes(HI.length());
            Thread.sleep(900); // idle between requests is no slow head
            CompletableFuture<String> rest =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                                } catch (IOException reset) {
                                    return "reset";
                                }
                            });
            int sent = 0;
            while (!rest.isDone() && sent < GET.length() - 4) {
                socket.getOutputStream().write(GET.charAt(sent++));
                Thread.sleep(100);
            }
            assertThat(rest.get(5, TimeUnit.SECONDS)).startsWith("HTTP/1.1 408");
            // octets came, and the deadline was not that of the last: the head was never whole
            assertThat(sent).isBetween(2, GET.length() - 5);
        }
    }

    @Test
    void slowBody_toldAndContainerDropped() throws Exception {
        gatewayBefore(
                new RawContainer((head, n, in, out) -> in.read() == 'x' && in.read() >= 0),
                new Deadlines(Duration.ofSeconds(5), Duration.ofMillis(500)));
        assertThat(talk("POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 9\r\n\r\nx"))
                .startsWith("HTTP/1.1 408");
        allAreOver();
    }

    @Test
    void neverARequest_closed() throws Exception {
        gatewayBefore(
                RawContainer.saying(HI),
                new Deadlines(Duration.ofMillis(500), Duration.ofSeconds(60)));
        assertThat(talk("")).isEmpty();
    }
}
