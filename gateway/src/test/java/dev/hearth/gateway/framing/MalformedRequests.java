package dev.hearth.gateway.framing;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The table of requests that must not be forwarded, each with its status and reason. One octet a
 * character (ISO 8859-1).
 */
public final class MalformedRequests {
    private static final String HOST = "Host: hello.localhost\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST;
    private static final String POST = "POST / HTTP/1.1\r\n" + HOST;
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String NEXT = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";

    /** One row; a name says what is wrong with it. */
    public record Row(String name, String raw, int status, String reason) {
        public byte[] octets() {
            return raw.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private MalformedRequests() {}

    private static Row row(String name, String raw, Refusal why) {
        return new Row(name, raw, why.status(), why.reason());
    }

    private static Row header(String name, String lines, Refusal why) {
        return row(name, POST + lines + "\r\n" + NEXT, why);
    }

    private static Row line(String line, Refusal why) {
        return row("request line " + line, line + "\r\n" + HOST + "\r\n" + NEXT, why);
    }

    private static Row host(String name, String lines, Refusal why) {
        return row(name, "GET / HTTP/1.1\r\n" + lines + "\r\n" + NEXT, why);
    }

    private static Row chunk(String name, String body, Refusal why) {
        return row(name, CHUNKED + body + NEXT, why);
    }

    /** Refused before there is a request: nobody but the gateway ever hears of them. */
    public static List<Row> heads() {
        String smuggling = "0\r\n\r\n" + NEXT;
        return List.of(
                // where the body ends
                header(
                        "both lengths",
                        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                        Refusal.AMBIGUOUS_LENGTH),
                header(
                        "both lengths, other order",
                        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                        Refusal.AMBIGUOUS_LENGTH),
                header(
                        "zero length and chunked",
                        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                        Refusal.AMBIGUOUS_LENGTH),
                row(
                        "TE.CL",
                        POST
                                + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + smuggling,
                        Refusal.AMBIGUOUS_LENGTH),
                header(
                        "two equal lengths",
                        "Content-Length: 5\r\nContent-Length: 5\r\n",
                        Refusal.INVALID_CONTENT_LENGTH),
                header(
                        "two different lengths",
                        "Content-Length: 0\r\nContent-Length: 44\r\n",
                        Refusal.INVALID_CONTENT_LENGTH),
                header(
                        "two lengths in a list",
                        "Content-Length: 5, 5\r\n",
                        Refusal.INVALID_CONTENT_LENGTH),
                header("length +5", "Content-Length: +5\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("length -1", "Content-Length: -1\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("length 0x5", "Content-Length: 0x5\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("length 5a", "Content-Length: 5a\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("length 5.0", "Content-Length: 5.0\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("length 1 0", "Content-Length: 1 0\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header("no digits", "Content-Length:\r\n", Refusal.INVALID_CONTENT_LENGTH),
                header(
                        "superscript digit",
                        "Content-Length: \u00b2\r\n",
                        Refusal.INVALID_CONTENT_LENGTH),
                header(
                        "length of 20 digits",
                        "Content-Length: 18446744073709551616\r\n",
                        Refusal.INVALID_CONTENT_LENGTH),
                header(
                        "xchunked",
                        "Transfer-Encoding: xchunked\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "identity",
                        "Transfer-Encoding: identity\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked, identity",
                        "Transfer-Encoding: chunked, identity\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "gzip, chunked",
                        "Transfer-Encoding: gzip, chunked\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked twice",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked, then something else",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked in quotes",
                        "Transfer-Encoding: \"chunked\"\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked with a parameter",
                        "Transfer-Encoding: chunked;q=1\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "chunked after a vertical tab",
                        "Transfer-Encoding: \u000bchunked\r\n",
                        Refusal.INVALID_HEADER_VALUE),
                header("empty coding", "Transfer-Encoding:\r\n", Refusal.INVALID_TRANSFER_ENCODING),
                row(
                        "chunked in HTTP/1.0",
                        "POST / HTTP/1.0\r\n"
                                + HOST
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + smuggling,
                        Refusal.INVALID_TRANSFER_ENCODING),
                header(
                        "Connection takes the length away",
                        "Content-Length: 5\r\nConnection: close, Content-Length\r\n",
                        Refusal.INVALID_CONNECTION),
                header(
                        "Connection takes the host away",
                        "Connection: host\r\n",
                        Refusal.INVALID_CONNECTION),
                header(
                        "h2c with a body",
                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n"
                                + "Content-Length: 5\r\n",
                        Refusal.UPGRADE_WITH_BODY),
                header(
                        "h2c without settings",
                        "Connection: Upgrade\r\nUpgrade: h2c\r\n",
                        Refusal.INVALID_UPGRADE),
                header(
                        "h2c with two settings",
                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\nHTTP2-Settings: \r\n",
                        Refusal.INVALID_UPGRADE),
                header(
                        "h2c with settings cut short",
                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk_\r\n",
                        Refusal.INVALID_UPGRADE),
                header(
                        "h2c with settings in the wrong letters",
                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAAB=\r\n",
                        Refusal.INVALID_UPGRADE),
                header(
                        "h2c whose settings Connection does not name",
                        "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n",
                        Refusal.INVALID_UPGRADE),
                header(
                        "h2c in a second Connection",
                        "Connection: keep-alive\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n",
                        Refusal.INVALID_UPGRADE),
                // where a line and a name end
                row("request line ends in LF", "GET / HTTP/1.1\n" + HOST + "\r\n", Refusal.BARE_LF),
                row("header ends in LF", GET + "X: 1\n\r\n" + NEXT, Refusal.BARE_LF),
                row("head ends in LF", GET + "\n" + NEXT, Refusal.BARE_LF),
                row("all lines end in LF", "GET / HTTP/1.1\nHost: a\n\n", Refusal.BARE_LF),
                header("LF before a header", "X: 1\nY: 2\r\n", Refusal.BARE_LF),
                header("bare CR", "X: 1\rContent-Length: 5\r\n", Refusal.INVALID_HEADER_VALUE),
                row("CR CR LF", GET + "X: 1\r\r\n\r\n" + NEXT, Refusal.INVALID_HEADER_VALUE),
                header("obs-fold, space", "X: 1\r\n Y: 2\r\n", Refusal.FOLDED_HEADER),
                header("obs-fold, tab", "X: 1\r\n\tY: 2\r\n", Refusal.FOLDED_HEADER),
                header(
                        "folded coding",
                        "Transfer-Encoding:\r\n chunked\r\n",
                        Refusal.INVALID_TRANSFER_ENCODING),
                row(
                        "space before the first header",
                        "GET / HTTP/1.1\r\n " + HOST + "\r\n",
                        Refusal.FOLDED_HEADER),
                header(
                        "space before the colon",
                        "Content-Length : 5\r\n",
                        Refusal.INVALID_HEADER_NAME),
                header(
                        "tab before the colon",
                        "Transfer-Encoding\t: chunked\r\n",
                        Refusal.INVALID_HEADER_NAME),
                header("no colon", "Transfer-Encoding\r\n", Refusal.INVALID_HEADER_NAME),
                header("no name", ": 1\r\n", Refusal.INVALID_HEADER_NAME),
                header("NUL in a name", "X\u0000Y: 1\r\n", Refusal.INVALID_HEADER_NAME),
                header("slash in a name", "X/Y: 1\r\n", Refusal.INVALID_HEADER_NAME),
                header("octet above 127 in a name", "X\u00e9: 1\r\n", Refusal.INVALID_HEADER_NAME),
                header("NUL in a value", "X: a\u0000b\r\n", Refusal.INVALID_HEADER_VALUE),
                header("escape in a value", "X: \u001b[2J\r\n", Refusal.INVALID_HEADER_VALUE),
                header("DEL in a value", "X: \u007f\r\n", Refusal.INVALID_HEADER_VALUE),
                // the request line
                line("GET /", Refusal.INVALID_REQUEST_LINE),
                line("GET  / HTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line("GET /  HTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line("GET / HTTP/1.1 ", Refusal.INVALID_REQUEST_LINE),
                line("GET\t/\tHTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line("GET /a b HTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line(" GET / HTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line("G(T / HTTP/1.1", Refusal.INVALID_REQUEST_LINE),
                line("GET / http/1.1", Refusal.INVALID_REQUEST_LINE),
                line("GET / HTTP/11", Refusal.INVALID_REQUEST_LINE),
                line("GET / HTTP/1.10", Refusal.INVALID_REQUEST_LINE),
                line("GET / HTTP/1.2", Refusal.UNSUPPORTED_VERSION),
                line("GET / HTTP/2.0", Refusal.UNSUPPORTED_VERSION),
                line("GET / HTTP/0.9", Refusal.UNSUPPORTED_VERSION),
                line("GET /\u0000 HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET /\u00e9 HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET /a#b HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET a HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET * HTTP/1.1", Refusal.INVALID_TARGET),
                line("OPTIONS ** HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET ftp://hello.localhost/ HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET http:///x HTTP/1.1", Refusal.INVALID_TARGET),
                line("GET http://u@hello.localhost/ HTTP/1.1", Refusal.INVALID_TARGET),
                line("CONNECT hello.localhost:80 HTTP/1.1", Refusal.INVALID_METHOD),
                row("two blank lines first", "\r\n\r\n" + GET, Refusal.INVALID_REQUEST_LINE),
                row(
                        "HTTP/2 preface after a blank line",
                        "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                        Refusal.UNSUPPORTED_VERSION),
                row("TLS", "\u0016\u0003\u0001\u0002\u0000\r\n", Refusal.INVALID_REQUEST_LINE),
                // whom it is for
                host("no Host", "", Refusal.INVALID_HOST),
                host("two Hosts", HOST + HOST, Refusal.INVALID_HOST),
                host("two different Hosts", HOST + "Host: b\r\n", Refusal.INVALID_HOST),
                host("empty Host", "Host:\r\n", Refusal.INVALID_HOST),
                host("Host with a path", "Host: hello.localhost/x\r\n", Refusal.INVALID_HOST),
                host("Host with a user", "Host: u@hello.localhost\r\n", Refusal.INVALID_HOST),
                host("Host in a list", "Host: hello.localhost, b\r\n", Refusal.INVALID_HOST),
                host("Host with a space", "Host: hello localhost\r\n", Refusal.INVALID_HOST),
                host("port of letters", "Host: hello.localhost:a\r\n", Refusal.INVALID_HOST),
                host("port 65536", "Host: hello.localhost:65536\r\n", Refusal.INVALID_HOST),
                host("open bracket", "Host: [::1\r\n", Refusal.INVALID_HOST),
                host("parameter in Host", "Host: a;proto=https\r\n", Refusal.INVALID_HOST),
                line("GET http://other.localhost/ HTTP/1.1", Refusal.HOST_MISMATCH),
                line("GET http://hello.localhost:81/ HTTP/1.1", Refusal.HOST_MISMATCH),
                // how large
                row(
                        "target of 17 KiB",
                        "GET /" + "a".repeat(17 << 10) + " HTTP/1.1\r\n" + HOST + "\r\n",
                        Refusal.REQUEST_LINE_TOO_LONG),
                row(
                        "request line without end",
                        "GET /" + "a".repeat(17 << 10),
                        Refusal.REQUEST_LINE_TOO_LONG),
                header("header of 33 KiB", "X: " + "a".repeat(33 << 10), Refusal.HEADERS_TOO_LARGE),
                header("201 headers", "X: 1\r\n".repeat(201), Refusal.HEADERS_TOO_LARGE),
                header(
                        "33 KiB of headers",
                        ("X: " + "a".repeat(1020) + "\r\n").repeat(33),
                        Refusal.HEADERS_TOO_LARGE));
    }

    /** Refused in the body: the head may have been forwarded by then. */
    public static List<Row> bodies() {
        return List.of(
                chunk("no size", "\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size x", "x\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size -3", "-3\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size +3", "+3\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size 0x3", "0x3\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size 3g", "3g\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("space before the size", " 3\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("space after the size", "3 \r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("size of 2^31", "80000000\r\n", Refusal.INVALID_CHUNK),
                chunk("size wraps at 32 bits", "100000003\r\nabc\r\n", Refusal.INVALID_CHUNK),
                chunk(
                        "size wraps at 64 bits",
                        "10000000000000003\r\nabc\r\n",
                        Refusal.INVALID_CHUNK),
                chunk("size ends in LF", "3\nabc\r\n0\r\n\r\n", Refusal.BARE_LF),
                chunk("size ends in CR", "3\rabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("LF in an extension", "3;a\nabc\r\n0\r\n\r\n", Refusal.BARE_LF),
                chunk("CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("data too long", "3\r\nabcd\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("data too short", "5\r\nabc\r\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("data ends in LF", "3\r\nabc\n0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk("data ends in CR X", "3\r\nabc\rX0\r\n\r\n", Refusal.INVALID_CHUNK),
                chunk(
                        "extension of 2 KiB",
                        "3;" + "a".repeat(2048) + "\r\nabc\r\n0\r\n\r\n",
                        Refusal.CHUNK_EXTENSIONS_TOO_LARGE),
                chunk(
                        "17 KiB of extensions",
                        ("1;" + "a".repeat(1000) + "\r\nx\r\n").repeat(18),
                        Refusal.CHUNK_EXTENSIONS_TOO_LARGE),
                chunk(
                        "length in a trailer",
                        "0\r\nContent-Length: 5\r\n\r\n",
                        Refusal.INVALID_TRAILER),
                chunk(
                        "coding in a trailer",
                        "0\r\nTransfer-Encoding: chunked\r\n\r\n",
                        Refusal.INVALID_TRAILER),
                chunk("host in a trailer", "0\r\nHost: b\r\n\r\n", Refusal.INVALID_TRAILER),
                chunk("folded trailer", "0\r\nX: 1\r\n 2\r\n\r\n", Refusal.FOLDED_HEADER),
                chunk("trailer ends in LF", "0\r\nX: 1\n\r\n", Refusal.BARE_LF),
                chunk("trailers end in LF", "0\r\n\n", Refusal.BARE_LF),
                chunk("NUL in a trailer", "0\r\nX: \u0000\r\n\r\n", Refusal.INVALID_HEADER_VALUE),
                chunk(
                        "9 KiB of trailers",
                        "0\r\nX: " + "a".repeat(9 << 10) + "\r\n\r\n",
                        Refusal.HEADERS_TOO_LARGE));
    }
}
