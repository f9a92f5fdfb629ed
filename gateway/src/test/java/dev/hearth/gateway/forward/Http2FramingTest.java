package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.gateway.framing.Deadlines;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 requests from hand-made frames (RFC 9113, RFC 7541) that would be others, or none, as
 * HTTP/1.1: the container sees none of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2FramingTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PRIORITY = 0x20;

    private final FramedGateway gateway = new FramedGateway();
    private int port;

    /**
     * A request: what is wrong, its fields as name and value in turns, and its body; none for "".
     */
    record Row(String name, List<String> fields, String body) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    void start() throws Exception {
        port = gateway.listen(Deadlines.DEFAULT);
    }

    @AfterAll
    void stop() throws Exception {
        gateway.close();
    }

    @BeforeEach
    void forget() {
        gateway.forget();
    }

    private static Row pseudo(String name, String... fields) {
        return new Row(name, List.of(fields), "");
    }

    private static Row header(String name, String field, String value) {
        return new Row(name, with("GET", field, value), "");
    }

    private static List<String> with(String method, String... more) {
        Stream<String> first =
                Stream.of(
                        ":method",
                        method,
                        ":scheme",
                        "http",
                        ":path",
                        "/bad",
                        ":authority",
                        "hello.localhost");
        return Stream.concat(first, Arrays.stream(more)).toList();
    }

    private static Row target(String name, String path) {
        return pseudo(
                name,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                path,
                ":authority",
                "hello.localhost");
    }

    private static Row method(String method) {
        return new Row("method " + method, with(method), "");
    }

    private static Row authority(String authority) {
        return pseudo(
                "authority " + authority,
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/bad",
                ":authority",
                authority);
    }

    static Stream<Row> malformed() {
        String smuggled = "/bad HTTP/1.1\r\nHost: hello.localhost\r\n\r\nGET /smuggled";
        return Stream.of(
                header("upper-case name", "X-Upper", "1"),
                header("space in a name", "x y", "1"),
                header("colon in a name", "x: 1\r\nhost", "b"),
                header("CR LF in a name", "x\r\ny", "1"),
                header("empty name", "", "1"),
                header("CR LF in a value", "x", "1\r\nContent-Length: 5"),
                header("LF in a value", "x", "1\ny: 2"),
                header("CR in a value", "x", "1\ry: 2"),
                header("NUL in a value", "x", "a\u0000b"),
                header("escape in a value", "x", "\u001b[2J"),
                header("transfer-encoding", "transfer-encoding", "chunked"),
                header("connection", "connection", "close"),
                header("keep-alive", "keep-alive", "1"),
                header("proxy-connection", "proxy-connection", "close"),
                header("upgrade", "upgrade", "websocket"),
                header("te gzip", "te", "gzip"),
                header("unknown pseudo-header", ":x", "1"),
                header("pseudo-header twice", ":path", "/smuggled"),
                header("another host", "host", "other.localhost"),
                header("host in a list", "host", "hello.localhost, b"),
                new Row(
                        "two hosts",
                        with("GET", "host", "hello.localhost", "host", "hello.localhost"),
                        ""),
                header("length without a body", "content-length", "5"),
                new Row("length too long", with("POST", "content-length", "9"), "hello"),
                new Row("length too short", with("POST", "content-length", "2"), "hello"),
                new Row("length +5", with("POST", "content-length", "+5"), "hello"),
                new Row(
                        "two lengths",
                        with("POST", "content-length", "5", "content-length", "6"),
                        "hello"),
                target("empty path", ""),
                target("path with a space", "/bad HTTP/1.1"),
                target("path with CR LF", smuggled),
                target("path without a slash", "bad"),
                target("absolute path", "http://other.localhost/bad"),
                target("asterisk for GET", "*"),
                target("path with a fragment", "/bad#x"),
                target("path with an octet above 127", "/b\u00e9d"),
                method("GET /smuggled HTTP/1.1\r\nx:"),
                method("G T"),
                method(""),
                authority(""),
                authority("u@hello.localhost"),
                authority("hello.localhost/x"),
                authority("hello.localhost\r\nx: 1"),
                authority("hello.localhost:a"),
                authority("a;proto=https"),
                pseudo("no method", ":scheme", "http", ":path", "/bad", ":authority", "a"),
                pseudo("no path", ":method", "GET", ":scheme", "http", ":authority", "a"),
                pseudo("no authority", ":method", "GET", ":scheme", "http", ":path", "/bad"));
    }

    private String answer(Row row) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
            frame(out, SETTINGS, 0, 0, new byte[0]);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            for (int i = 0; i < row.fields().size(); i += 2) {
                block.write(0); // literal, not indexed, new name
                text(block, row.fields().get(i));
                text(block, row.fields().get(i + 1));
            }
            boolean bare = row.body().isEmpty();
            int flags = END_HEADERS | (bare ? END_STREAM : 0);
            frame(out, HEADERS, flags, 1, block.toByteArray());
            if (!bare) {
                frame(out, DATA, END_STREAM, 1, octets(row.body()));
            }
            socket.getOutputStream().write(out.toByteArray());
            return outcome(new DataInputStream(socket.getInputStream()));
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void text(ByteArrayOutputStream out, String text) {
        assertThat(text.length()).isLessThan(127); // the longest length in one octet
        out.write(text.length());
        out.writeBytes(octets(text));
    }

    private static void frame(
            ByteArrayOutputStream out, int type, int flags, int stream, byte[] body) {
        out.writeBytes(new byte[] {0, (byte) (body.length >> 8), (byte) body.length});
        out.writeBytes(new byte[] {(byte) type, (byte) flags, 0, 0, 0, (byte) stream});
        out.writeBytes(body);
    }

    /** The status of the stream's answer, or how it ended without. */
    private static String outcome(DataInputStream in) throws Exception {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return "closed";
            }
            int length = first << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            in.readInt();
            byte[] body = in.readNBytes(length);
            switch (type) {
                case HEADERS -> {
                    int block = (flags & PRIORITY) == 0 ? 0 : 5; // as RFC 9113, 6.2
                    return new DefaultHttp2HeadersDecoder()
                            .decodeHeaders(1, Unpooled.wrappedBuffer(body, block, length - block))
                            .status()
                            .toString();
                }
                case RST_STREAM -> {
                    return "reset";
                }
                case GOAWAY -> {
                    return "goaway";
                }
                default -> {}
            }
        }
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformed_refused_neverWholeAtTheContainer(Row row) throws Exception {
        assertThat(answer(row)).isIn("400", "reset", "goaway", "closed");
        assertThat(answer(new Row("marker", with("GET"), ""))).isEqualTo("200");
        assertThat(gateway.whole).containsExactly("/bad ");
        assertThat(gateway.heads).doesNotContain("/smuggled");
    }

    static Stream<Arguments> unfinished() {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        frame(head, HEADERS, END_STREAM, 1, new byte[] {(byte) 0x82});
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.writeBytes(head.toByteArray());
        frame(longer, CONTINUATION, 0, 1, new byte[] {(byte) 0x86});
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        cut.writeBytes(new byte[] {0, 0, 5, HEADERS, END_STREAM | END_HEADERS, 0, 0, 0, 1});
        cut.write(0x82);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        // POST, http, / of the static table, and :authority without indexing (RFC 7541)
        fields.writeBytes(new byte[] {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x01});
        text(fields, "hello.localhost");
        frame(body, HEADERS, END_HEADERS, 1, fields.toByteArray());
        body.writeBytes(new byte[] {0, 0, 5, DATA, 0, 0, 0, 0, 1, 'h', 'e'});
        return Stream.of(
                Arguments.of("a head that goes on", head.toByteArray()),
                Arguments.of("a head that goes on once more", longer.toByteArray()),
                Arguments.of("half of a head", cut.toByteArray()),
                Arguments.of("half of a frame's header", new byte[] {0, 0, 5, HEADERS}),
                Arguments.of("half of the settings", new byte[] {0, 0, 6, SETTINGS, 0, 0, 0}),
                Arguments.of("half of a body's frame", body.toByteArray()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfinished")
    void unfinished_connectionIsClosedInTime(String name, byte[] octets) throws Exception {
        try (FramedGateway impatient = new FramedGateway()) {
            Duration soon = Duration.ofMillis(300);
            int itsPort = impatient.listen(new Deadlines(soon, soon));
            try (Socket idle = begun(itsPort, new byte[0]);
                    Socket slow = begun(itsPort, octets)) {
                assertThat(outcome(new DataInputStream(slow.getInputStream()))).isEqualTo("closed");
                idle.setSoTimeout(500);
                assertThatThrownBy(() -> outcome(new DataInputStream(idle.getInputStream())))
                        .as("one that has nothing to say is left alone")
                        .isInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    private static Socket begun(int port, byte[] octets) throws Exception {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(octets("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frame(out, SETTINGS, 0, 0, new byte[0]);
        out.writeBytes(octets);
        socket.getOutputStream().write(out.toByteArray());
        return socket;
    }

    @Test
    void good_passes() throws Exception {
        assertThat(answer(new Row("te", with("GET", "te", "trailers"), ""))).isEqualTo("200");
        assertThat(answer(new Row("host", with("GET", "host", "hello.localhost"), "")))
                .isEqualTo("200");
        assertThat(answer(new Row("length", with("POST", "content-length", "5"), "hello")))
                .isEqualTo("200");
        assertThat(gateway.whole).containsExactly("/bad ", "/bad ", "/bad hello");
    }
}
