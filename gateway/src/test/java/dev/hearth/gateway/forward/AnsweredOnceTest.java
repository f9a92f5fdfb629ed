package dev.hearth.gateway.forward;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.forward.OddContainer.Way;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever clients and containers do: each request whose client waits for its answer gets exactly
 * one, its own, whole or visibly broken off; no container gets a request twice that may not be
 * repeated; and nothing is left over. What is done is determined by a seed, which a failure names.
 */
class AnsweredOnceTest {
    private static final int CLIENTS = 12;
    private static final int STEPS = 30;
    private static final int STREAMS = 60;
    private static final List<String> HOSTS = List.of("hello.localhost", "cold.localhost");

    private final Vertx vertx = Vertx.vertx();
    private final OddContainer odd = new OddContainer();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private RawContainer container;
    private FakeRuntime runtime;
    private Traffic traffic;
    private Thread stageHand;
    private int port;

    /** What a client gets back. */
    private record Answer(int status, Map<String, String> fields, byte[] body, boolean whole) {
        boolean closes() {
            return "close".equals(fields.get("connection"));
        }
    }

    static Stream<Long> seeds() {
        return LongStream.concat(LongStream.of(1, 2, 3, 4), LongStream.of(System.nanoTime()))
                .boxed();
    }

    @BeforeEach
    void begin() throws Exception {
        container = new RawContainer(odd);
        runtime = new FakeRuntime("127.0.0.1", container.port());
        Routes routes = new Routes(new HostNames("localhost"));
        traffic = new Traffic(routes, runtime, Clock.system());
        traffic.replace(
                RouteTable.of(
                        Map.of(
                                new ServiceName("hello"),
                                Revisions.of("hello", 80, 10),
                                new ServiceName("cold"),
                                Revisions.of("cold", 3, 2))));
        stageHand = Thread.startVirtualThread(this::startInstances);
        port =
                FrontDoor.before(
                                TestForwarder.on(vertx, routes),
                                vertx,
                                new HttpServerOptions(),
                                Deadlines.DEFAULT)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
    }

    @AfterEach
    void end() throws Exception {
        stageHand.interrupt();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        container.close();
    }

    /** Lets starts succeed after a while, but each seventh fail; and stops one service often. */
    private void startInstances() {
        int done = 0;
        try {
            for (int turn = 0; ; turn++) {
                Thread.sleep(5);
                if (runtime.starts() > done) {
                    done++;
                    if (done % 7 == 3) {
                        runtime.fail(
                                new HearthException(
                                        ErrorKind.FAILED_PRECONDITION, "crashed", "it crashed"));
                    } else {
                        runtime.succeed();
                    }
                }
                if (turn % 40 == 39) {
                    traffic.stopInstances(new ServiceName("cold"));
                }
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            wrong.add("the stage hand: " + e);
        }
    }

    private String state() {
        StringBuilder state = new StringBuilder("starts " + runtime.starts());
        traffic.pools()
                .forEach(
                        pool ->
                                state.append(", ")
                                        .append(pool.revision().name())
                                        .append(" has ")
                                        .append(pool.demand().active())
                                        .append(" requests, in instances ")
                                        .append(pool.inFlight()));
        return state.toString();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anyMix_eachAnsweredOnce(long seed) throws Exception {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String name = "c" + i;
            Random random = new Random(seed * 1_000 + i);
            clients.add(Thread.startVirtualThread(() -> new Client(name, random).run()));
        }
        streams(seed);
        for (Thread client : clients) {
            client.join(Duration.ofSeconds(60));
            assertThat(client.isAlive()).as("seed %d: a client still waits", seed).isFalse();
        }
        assertThat(wrong).as("seed %d", seed).isEmpty();
        until(
                "seed " + seed + ": every place is given back",
                Duration.ofSeconds(20),
                () -> traffic.activeRequests() == 0);
    }

    // ---- HTTP/1.1

    private final class Client {
        private final String name;
        private final Random random;
        private Socket socket;
        private InputStream in;
        private int count;
        private String last = "";
        private boolean unusual;

        Client(String name, Random random) {
            this.name = name;
            this.random = random;
        }

        void run() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    if (socket == null) {
                        socket = new Socket("127.0.0.1", port);
                        unusual = false;
                        socket.setSoTimeout(30_000);
                        in = new BufferedInputStream(socket.getInputStream());
                    }
                    step();
                }
                if (socket != null) {
                    close();
                }
            } catch (IOException | RuntimeException e) {
                wrong.add(state());
                wrong.add(last + " (came " + odd.heads(name + "-" + (count - 1)) + " times): " + e);
            }
        }

        private void close() throws IOException {
            socket.close();
            socket = null;
        }

        private void step() throws IOException {
            switch (random.nextInt(10)) {
                case 0 -> pipeline(2 + random.nextInt(4));
                case 1 -> breakOff();
                case 2 -> expectContinue();
                case 3 -> chunked();
                default -> one();
            }
        }

        private String next() {
            return name + "-" + count++;
        }

        private Way way() {
            Way[] ways = Way.values();
            return random.nextInt(3) > 0 ? Way.LENGTH : ways[random.nextInt(ways.length)];
        }

        private int size() {
            return switch (random.nextInt(8)) {
                case 0 -> 0;
                case 1 -> 300_000;
                case 2 -> 20_000;
                default -> random.nextInt(2_000);
            };
        }

        private String host() {
            return HOSTS.get(random.nextInt(4) / 3);
        }

        private void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        private void send(byte[] octets) throws IOException {
            try {
                socket.getOutputStream().write(octets);
            } catch (IOException answeredEarlyAndClosed) {
                // what was answered is read all the same
            }
        }

        private String head(String method, String id, Way way, int size, String fields) {
            String host = host();
            unusual |= fields.contains("chunked") || fields.contains("Expect");
            last =
                    method
                            + " "
                            + id
                            + " "
                            + way
                            + " "
                            + size
                            + " "
                            + host
                            + " "
                            + fields.strip()
                            + (unusual ? " unusual" : "");
            return method
                    + " /"
                    + id
                    + "/"
                    + way
                    + "/"
                    + size
                    + " HTTP/1.1\r\nHost: "
                    + host
                    + "\r\n"
                    + fields
                    + "\r\n";
        }

        private void one() throws IOException {
            String id = next();
            Way way = way();
            int size = size();
            String method = List.of("GET", "POST", "HEAD", "PUT").get(random.nextInt(4));
            byte[] body = new byte[method.startsWith("P") ? size() : 0];
            random.nextBytes(body);
            boolean last = random.nextInt(10) == 0;
            send(
                    head(
                            method,
                            id,
                            way,
                            size,
                            (method.startsWith("P")
                                            ? "Content-Length: " + body.length + "\r\n"
                                            : "")
                                    + (last ? "Connection: close\r\n" : "")));
            send(body);
            expect(id, method, way, size, body, last);
        }

        private void chunked() throws IOException {
            String id = next();
            Way way = way();
            byte[] body = new byte[size()];
            random.nextBytes(body);
            send(head("POST", id, way, 100, "Transfer-Encoding: chunked\r\n"));
            ByteArrayOutputStream chunks = new ByteArrayOutputStream();
            for (int at = 0; at < body.length; ) {
                int length = Math.min(1 + random.nextInt(9_000), body.length - at);
                chunks.writeBytes(
                        (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                chunks.write(body, at, length);
                chunks.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
                at += length;
            }
            chunks.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(chunks.toByteArray());
            expect(id, "POST", way, 100, body, false);
        }

        private void expectContinue() throws IOException {
            String id = next();
            byte[] body = new byte[1 + random.nextInt(5_000)];
            random.nextBytes(body);
            send(
                    head(
                            "POST",
                            id,
                            Way.LENGTH,
                            10,
                            "Content-Length: " + body.length + "\r\nExpect: 100-continue\r\n"));
            Answer first = read(false);
            if (first.status() != 100) {
                check(id, "POST", Way.LENGTH, 10, body, first);
                close(); // it never sent its body
                return;
            }
            send(body);
            expect(id, "POST", Way.LENGTH, 10, body, false);
        }

        private void pipeline(int requests) throws IOException {
            List<String> ids = new ArrayList<>();
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < requests; i++) {
                ids.add(next());
                all.append(head(i % 2 == 0 ? "GET" : "HEAD", ids.get(i), Way.LENGTH, 500, ""));
            }
            send(all.toString());
            for (int i = 0; i < requests; i++) {
                expect(
                        ids.get(i),
                        i % 2 == 0 ? "GET" : "HEAD",
                        Way.LENGTH,
                        500,
                        new byte[0],
                        false);
            }
        }

        /** In the head, in the body, while the container is busy, or in the answer. */
        private void breakOff() throws IOException {
            String id = next();
            switch (random.nextInt(4)) {
                case 0 -> send("GET /" + id + "/LENGTH/5 HTTP/1.1\r\nHost: hel");
                case 1 -> {
                    send(head("POST", id, Way.LENGTH, 5, "Content-Length: 9000\r\n"));
                    send(new byte[random.nextInt(9_000)]);
                }
                case 2 -> send(head("GET", id, Way.LATE, 5, ""));
                default -> {
                    send(head("GET", id, Way.LENGTH, 300_000, ""));
                    in.read(new byte[1 + random.nextInt(5_000)]); // some of it
                }
            }
            close();
        }

        private void expect(String id, String method, Way way, int size, byte[] body, boolean last)
                throws IOException {
            Answer answer = read(method.equals("HEAD"));
            check(id, method, way, size, body, answer);
            boolean broken = !answer.whole() || answer.closes() || way == Way.EARLY;
            if (last && in.read() >= 0) {
                wrong.add(id + ": more than its answer came before the close it asked for");
            }
            if (broken || last) {
                close();
            }
        }

        private void check(
                String id, String method, Way way, int size, byte[] body, Answer answer) {
            int most = method.equals("GET") || method.equals("HEAD") ? 3 : 1;
            if (odd.heads(id) > most) {
                wrong.add(id + ": " + method + " came " + odd.heads(id) + " times");
            }
            if (answer.fields().containsKey("x-hearth-error")) {
                boolean breaks =
                        way == Way.BREAKS_BEFORE || way == Way.NOT_HTTP || way == Way.EARLY;
                boolean fits = answer.status() == 503 || answer.status() == 502 && breaks;
                // a kept connection may be closed by the container as a request is on its way
                boolean raced = answer.status() == 502 && odd.heads(id) == 0;
                if (!fits && !raced) {
                    wrong.add(
                            last
                                    + " came "
                                    + odd.heads(id)
                                    + " times: "
                                    + answer.status()
                                    + " "
                                    + answer.fields());
                }
                return;
            }
            boolean own = id.equals(answer.fields().get("x-id"));
            boolean got =
                    way == Way.EARLY
                            || Long.toString(OddContainer.sum(body))
                                    .equals(answer.fields().get("x-got"));
            boolean head = method.equals("HEAD");
            boolean cut =
                    way == Way.BREAKS_INSIDE && !head
                            // who closes with octets unread has its answer cut off by TCP
                            || way == Way.EARLY && body.length > 0 && !answer.whole();
            boolean same =
                    head
                            || cut
                            || java.util.Arrays.equals(answer.body(), OddContainer.body(id, size));
            if (answer.status() != 200 || !own || !got || !same || answer.whole() == cut) {
                wrong.add(
                        id
                                + ", last "
                                + last
                                + ": "
                                + answer.status()
                                + " "
                                + answer.fields()
                                + (got ? "" : ", its body came changed")
                                + (same ? "" : ", another body of " + answer.body().length)
                                + (answer.whole() ? "" : ", broken off"));
            }
        }

        // ---- reading

        private Answer read(boolean toHead) throws IOException {
            String status = line();
            Map<String, String> fields = new HashMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                fields.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            int code = Integer.parseInt(status.split(" ")[1]);
            if (toHead || code < 200 || code == 204 || code == 304) {
                return new Answer(code, fields, new byte[0], true);
            }
            if ("chunked".equals(fields.get("transfer-encoding"))) {
                return chunks(code, fields);
            }
            int length = Integer.parseInt(fields.get("content-length"));
            byte[] body = octets(length);
            return new Answer(code, fields, body, body.length == length);
        }

        private Answer chunks(int code, Map<String, String> fields) throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            try {
                for (int size = Integer.parseInt(line(), 16);
                        size > 0;
                        size = Integer.parseInt(line(), 16)) {
                    body.write(octets(size));
                    line();
                }
                while (!line().isEmpty()) {
                    // a trailer
                }
            } catch (IOException cutOff) {
                return new Answer(code, fields, body.toByteArray(), false);
            }
            return new Answer(code, fields, body.toByteArray(), true);
        }

        private byte[] octets(int length) {
            try {
                return in.readNBytes(length);
            } catch (IOException reset) {
                wrong.add(last + ": " + reset);
                return new byte[0];
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("the connection ended with \"" + line + "\"");
                }
                line.append((char) octet);
            }
            return line.toString().stripTrailing();
        }
    }

    // ---- HTTP/2

    private void streams(long seed) throws Exception {
        Random random = new Random(seed);
        HttpClient client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false));
        List<io.vertx.core.Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            String id = "h2-" + i;
            boolean resets = random.nextInt(6) == 0;
            Way way = Way.values()[random.nextInt(Way.values().length)];
            byte[] body = new byte[random.nextInt(3) == 0 ? 100_000 : random.nextInt(100)];
            random.nextBytes(body);
            all.add(stream(client, id, way, body, resets));
        }
        for (io.vertx.core.Future<Void> one : all) {
            one.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
        client.close();
    }

    private io.vertx.core.Future<Void> stream(
            HttpClient client, String id, Way way, byte[] body, boolean resets) {
        return client.request(
                        new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .setURI("/" + id + "/" + way + "/3000"))
                .compose(
                        request -> {
                            request.authority(
                                    io.vertx.core.net.HostAndPort.create("hello.localhost", 80));
                            if (resets) {
                                request.putHeader("Content-Length", "" + (body.length + 1));
                                request.write(io.vertx.core.buffer.Buffer.buffer(body));
                                request.reset(8);
                                return io.vertx.core.Future.<Void>succeededFuture();
                            }
                            return request.send(io.vertx.core.buffer.Buffer.buffer(body))
                                    .compose(
                                            response ->
                                                    response.body()
                                                            .map(got -> got.length() == 3000)
                                                            .otherwise(cut -> false)
                                                            .map(
                                                                    whole -> {
                                                                        check2(
                                                                                id,
                                                                                way,
                                                                                response
                                                                                        .statusCode(),
                                                                                response.getHeader(
                                                                                        "x-id"),
                                                                                whole);
                                                                        return null;
                                                                    }));
                        });
    }

    private void check2(String id, Way way, int status, String own, boolean whole) {
        if (odd.heads(id) > 1) {
            wrong.add(id + ": POST came " + odd.heads(id) + " times");
        }
        boolean breaks = way == Way.BREAKS_BEFORE || way == Way.NOT_HTTP || way == Way.EARLY;
        boolean refused = status == 503 || status == 502 && (breaks || odd.heads(id) == 0);
        // who closes with octets unread has its answer cut off by TCP
        boolean asSent = way == Way.EARLY || whole == (way != Way.BREAKS_INSIDE);
        boolean answered = status == 200 && id.equals(own) && asSent;
        if (!refused && !answered) {
            wrong.add(id + " " + way + ": " + status + " for " + own + (whole ? "" : ", cut off"));
        }
    }
}
