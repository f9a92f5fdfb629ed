package dev.hearth.gateway.forward;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.framing.MalformedRequests;
import dev.hearth.gateway.framing.MalformedRequests.Row;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gateway's front door between real sockets: what is refused there never reaches the container,
 * a server of the test's own that tells what it saw.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramingTest {
    private static final Deadlines PATIENT =
            new Deadlines(Duration.ofSeconds(30), Duration.ofSeconds(30));
    private static final Deadlines HASTY =
            new Deadlines(Duration.ofMillis(300), Duration.ofMillis(300));
    private static final String HOST = "Host: hello.localhost\r\n";
    private static final String CLOSE = "Connection: close\r\n";
    private static final String CHUNKED =
            "POST /bad HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";

    private final FramedGateway gateway = new FramedGateway();
    private final Queue<String> heads = gateway.heads;
    private final Queue<String> whole = gateway.whole;
    private final Queue<String> broken = gateway.broken;
    private final Queue<Runnable> parked = gateway.parked;
    private int port;
    private int hastyPort;

    @BeforeAll
    void start() throws Exception {
        port = gateway.listen(PATIENT);
        hastyPort = gateway.listen(HASTY);
    }

    @AfterAll
    void stop() throws Exception {
        gateway.close();
    }

    @BeforeEach
    void forget() {
        gateway.forget();
    }

    private Socket open(int to, String octets) throws IOException {
        Socket socket = new Socket("127.0.0.1", to);
        socket.setSoTimeout(10_000);
        send(socket, octets);
        return socket;
    }

    private static void send(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private String exchange(String octets) throws IOException {
        try (Socket socket = open(port, octets)) {
            return rest(socket);
        }
    }

    /** A request whose answer proves that the container had time to see what came before. */
    private void marker() throws IOException {
        assertThat(exchange("GET /marker HTTP/1.1\r\n" + HOST + CLOSE + "\r\n"))
                .endsWith("saw /marker");
    }

    private static void assertRefused(String answer, int status, String reason) {
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .containsIgnoringCase("X-Hearth-Error: " + reason + "\r\n")
                .contains("\"source\":\"platform\"");
    }

    static Stream<Row> heads() {
        return MalformedRequests.heads().stream();
    }

    static Stream<Row> bodies() {
        return MalformedRequests.bodies().stream();
    }

    @ParameterizedTest
    @MethodSource("heads")
    void malformedHead_refused_containerSawNothing(Row row) throws Exception {
        assertRefused(exchange(row.raw()), row.status(), row.reason());
        marker();
        assertThat(heads).containsExactly("/marker");
    }

    @ParameterizedTest
    @MethodSource("heads")
    void malformedHead_behindAGoodOne_answeredInOrder(Row row) throws Exception {
        String answers = exchange("GET /good HTTP/1.1\r\n" + HOST + "\r\n" + row.raw());
        assertThat(answers).startsWith("HTTP/1.1 200").contains("saw /good");
        assertRefused(
                answers.substring(answers.indexOf("saw /good") + 9), row.status(), row.reason());
        assertThat(heads).containsExactly("/good");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void malformedBody_refused_neverWhole(Row row) throws Exception {
        assertRefused(exchange(row.raw()), row.status(), row.reason());
        marker();
        assertThat(whole).containsExactly("/marker ");
        assertThat(heads).doesNotContain("/smuggled");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void malformedBody_forwardedBefore_cutOffAtTheContainer(Row row) throws Exception {
        String body = row.raw().substring(row.raw().indexOf("\r\n\r\n") + 4);
        try (Socket socket = open(port, CHUNKED + "4\r\ngood\r\n")) {
            until(() -> heads.contains("/bad"));
            send(socket, body);
            assertRefused(rest(socket), row.status(), row.reason());
        }
        until(() -> broken.contains("/bad"));
        assertThat(whole).isEmpty();
    }

    @Test
    void malformedBody_answerBegun_connectionCut() throws Exception {
        try (Socket socket =
                open(
                        port,
                        "POST /early HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n")) {
            send(socket, "4\r\ngood\r\n");
            InputStream in = socket.getInputStream();
            StringBuilder begun = new StringBuilder();
            while (begun.indexOf("begun") < 0) {
                begun.append((char) in.read());
            }
            send(socket, "x\r\n");
            assertThat(rest(socket)).doesNotContain("0\r\n\r\n", "HTTP/1.1");
        }
        until(() -> broken.contains("/early"));
    }

    @Test
    void malformedBody_firstAnswerStillOpen_answeredInOrder() throws Exception {
        try (Socket socket = open(port, "GET /parked HTTP/1.1\r\n" + HOST + "\r\n")) {
            until(() -> !parked.isEmpty());
            send(socket, CHUNKED + "x\r\n");
            marker();
            parked.remove().run();
            String answers = rest(socket);
            assertThat(answers).startsWith("HTTP/1.1 200").contains("late");
            assertRefused(answers.substring(answers.indexOf("late") + 4), 400, "invalid-chunk");
        }
        assertThat(heads).containsExactly("/parked", "/marker");
    }

    @Test
    void malformed_anySplitIntoReads_sameRefusal() throws Exception {
        Random random = new Random(20_261_124);
        for (Row row : MalformedRequests.heads()) {
            if (row.raw().length() > 4096) {
                continue;
            }
            int cut = 1 + random.nextInt(row.raw().length() - 1);
            try (Socket socket = open(port, row.raw().substring(0, cut))) {
                socket.setTcpNoDelay(true);
                send(socket, row.raw().substring(cut));
                assertRefused(rest(socket), row.status(), row.reason());
            }
        }
        assertThat(heads).isEmpty();
    }

    static Stream<List<String>> good() {
        String get = "GET /a HTTP/1.1\r\n" + HOST + CLOSE;
        String post = "POST /a HTTP/1.1\r\n" + HOST + CLOSE;
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                List.of(get + "\r\n", "/a "),
                List.of("\r\n" + get + "\r\n", "/a "),
                List.of(get + "Empty:\r\n\r\n", "/a "),
                List.of(get + "Blank: \t \r\n\r\n", "/a "),
                List.of(get + "Spaces: \t in and around\t \r\n\r\n", "/a "),
                List.of(get + "Latin: \u00e9\u00ff\r\n\r\n", "/a "),
                List.of(get + "!#$%&'*+-.^_`|~: odd name\r\n\r\n", "/a "),
                List.of(get + "X: " + "a".repeat(20 << 10) + "\r\n\r\n", "/a "),
                List.of(get + "Content-Length: 0\r\n\r\n", "/a "),
                List.of(post + "Content-Length: 005\r\n\r\nhello", "/a hello"),
                List.of(post + "content-length:5\r\n\r\nhello", "/a hello"),
                List.of(
                        post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
                        "/a hello"),
                List.of(chunked + "5\r\nhello\r\n0\r\n\r\n", "/a hello"),
                List.of(chunked + "00A\r\nhello you!\r\n000\r\n\r\n", "/a hello you!"),
                List.of(chunked + "5;a;b=\"c d\"\r\nhello\r\n0;z\r\n\r\n", "/a hello"),
                List.of(chunked + "5\r\nhello\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", "/a hello"),
                List.of(chunked + "2\r\n\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "/a \r\nabc"),
                List.of(post + "Transfer-Encoding:  CHUNKED \r\n\r\n0\r\n\r\n", "/a "),
                List.of("GET /a HTTP/1.0\r\n" + HOST + "\r\n", "/a "),
                List.of("POST /a HTTP/1.0\r\n" + HOST + "Content-Length: 2\r\n\r\nok", "/a ok"),
                List.of(
                        "GET http://HELLO.localhost/a?b HTTP/1.1\r\n" + HOST + CLOSE + "\r\n",
                        "http://HELLO.localhost/a?b "),
                List.of("OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + "\r\n", "* "),
                List.of("PURGE /a HTTP/1.1\r\n" + HOST + CLOSE + "\r\n", "/a "),
                List.of(
                        "GET /%2e%2f?q=[{|}]\\ HTTP/1.1\r\n" + HOST + CLOSE + "\r\n",
                        "/%2e%2f?q=[{|}]\\ "));
    }

    @ParameterizedTest
    @MethodSource("good")
    void unusualButGood_passes(List<String> row) throws Exception {
        assertThat(exchange(row.get(0))).contains("200 OK");
        assertThat(whole).containsExactly(row.get(1));
    }

    @Test
    void goodPipelined_splitAtEveryOctet_allAnswered() throws Exception {
        String octets =
                "POST /1 HTTP/1.1\r\n"
                        + HOST
                        + "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n"
                        + "GET /2 HTTP/1.1\r\n"
                        + HOST
                        + CLOSE
                        + "\r\n";
        for (int cut = 1; cut < octets.length(); cut++) {
            whole.clear();
            try (Socket socket = open(port, octets.substring(0, cut))) {
                socket.setTcpNoDelay(true);
                send(socket, octets.substring(cut));
                assertThat(rest(socket)).contains("saw /1", "saw /2");
            }
            assertThat(whole).containsExactly("/1 abc", "/2 ");
        }
    }

    private String http2(boolean upgrade) throws Exception {
        HttpClient client =
                gateway.vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(upgrade));
        RequestOptions request =
                new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                        .setHost("hello.localhost")
                        .setURI("/h2");
        return FramedGateway.await(
                client.request(request)
                        .compose(HttpClientRequest::send)
                        .compose(HttpClientResponse::body)
                        .map(Buffer::toString));
    }

    @Test
    void http2_priorKnowledge_passes() throws Exception {
        assertThat(http2(false)).isEqualTo("saw /h2");
    }

    @Test
    void http2_byUpgrade_passes() throws Exception {
        assertThat(http2(true)).isEqualTo("saw /h2");
    }

    @Test
    void slowHead_refusedAtTheDeadline() throws Exception {
        try (Socket socket = open(hastyPort, "GET / HTTP/1.1\r\nHost: hel")) {
            assertRefused(rest(socket), 408, "request-timeout");
        }
    }

    @Test
    void slowSecondHead_refusedAtTheDeadline() throws Exception {
        try (Socket socket = open(hastyPort, "GET /good HTTP/1.1\r\n" + HOST + "\r\nGET / ")) {
            String answers = rest(socket);
            assertThat(answers).startsWith("HTTP/1.1 200");
            assertThat(answers).contains("HTTP/1.1 408", "request-timeout");
        }
    }

    @Test
    void silentConnection_closed() throws Exception {
        try (Socket socket = open(hastyPort, "")) {
            assertThat(rest(socket)).isEmpty();
        }
    }

    @Test
    void silentBody_refusedAndCutOff() throws Exception {
        try (Socket socket =
                open(
                        hastyPort,
                        "POST /slow HTTP/1.1\r\n" + HOST + "Content-Length: 9\r\n\r\nabc")) {
            assertRefused(rest(socket), 408, "request-timeout");
        }
        until(() -> broken.contains("/slow"));
        assertThat(whole).isEmpty();
    }

    @Test
    void silentBody_awaitsContinueOfAColdContainer_notRefused() throws Exception {
        int cold = gateway.listenCold(HASTY);
        String head = "POST /a HTTP/1.1\r\n" + HOST + CLOSE;
        try (Socket socket =
                open(cold, head + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")) {
            for (int deadline = 0; deadline < 2; deadline++) {
                try (Socket silent = open(cold, "")) {
                    assertThat(rest(silent)).isEmpty(); // a deadline passed meanwhile
                }
            }
            gateway.runtime.succeed();
            byte[] goOn = socket.getInputStream().readNBytes(25);
            assertThat(new String(goOn, StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            send(socket, "hello");
            assertThat(rest(socket)).startsWith("HTTP/1.1 200").endsWith("saw /a");
        }
        assertThat(whole).containsExactly("/a hello");
    }

    @Test
    void slowAnswer_isNotTheClientsFault() throws Exception {
        try (Socket socket = open(hastyPort, "GET /parked HTTP/1.1\r\n" + HOST + CLOSE + "\r\n")) {
            until(() -> !parked.isEmpty());
            try (Socket silent = open(hastyPort, "")) {
                assertThat(rest(silent)).isEmpty(); // its deadline, later than the first's, passed
            }
            parked.remove().run();
            assertThat(rest(socket)).startsWith("HTTP/1.1 200").endsWith("late");
        }
    }
}
