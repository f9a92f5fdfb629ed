package dev.hearth.gateway.framing;

/** Why a request is not forwarded: two readers could take it for different requests. */
public enum Refusal {
    BARE_LF(400, "lines end with CR LF; this request has a bare LF or CR"),
    INVALID_REQUEST_LINE(
            400, "the request line must be METHOD TARGET HTTP/1.1 with one space between each"),
    INVALID_TARGET(
            400,
            "the request's target must be a path, or an http address; send /PATH in visible ASCII"),
    INVALID_METHOD(400, "CONNECT is not forwarded to containers"),
    UNSUPPORTED_VERSION(505, "only HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here"),
    REQUEST_LINE_TOO_LONG(414, "the request line is too long; send less in the address"),
    HEADERS_TOO_LARGE(431, "the headers are too large or too many; send fewer"),
    FOLDED_HEADER(400, "a header goes on in the next line, which HTTP/1.1 gave up; send one line"),
    INVALID_HEADER_NAME(
            400, "a header's name has a character that names cannot have, or white space after it"),
    INVALID_HEADER_VALUE(400, "a header's value has a control character"),
    INVALID_HOST(
            400,
            "the request must have exactly one Host header, with a host name and maybe a port"),
    HOST_MISMATCH(400, "the request's target and its Host header name different hosts"),
    INVALID_CONTENT_LENGTH(400, "Content-Length must be there at most once and a decimal number"),
    INVALID_TRANSFER_ENCODING(
            400, "Transfer-Encoding must be there at most once, in HTTP/1.1, and just \"chunked\""),
    AMBIGUOUS_LENGTH(400, "the request has both Content-Length and Transfer-Encoding; send one"),
    INVALID_CONNECTION(
            400, "a header that frames or routes the request must not be named by Connection"),
    UPGRADE_WITH_BODY(400, "a request that changes to HTTP/2 must not have a body here"),
    INVALID_UPGRADE(
            400,
            "a request that changes to HTTP/2 needs HTTP2-Settings, once, and Connection: Upgrade, HTTP2-Settings"),
    INVALID_CHUNK(400, "a chunk of the body is not SIZE CR LF DATA CR LF"),
    CHUNK_EXTENSIONS_TOO_LARGE(400, "the extensions of the body's chunks are too large"),
    INVALID_TRAILER(400, "a trailer has a header that belongs before the body"),
    REQUEST_TIMEOUT(408, "the request did not come whole in time; send it faster");

    private final int status;
    private final String sentence;

    Refusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    /** The answer's HTTP status. */
    public int status() {
        return status;
    }

    /** The value of X-Hearth-Error: {@code bare-lf}. */
    public String reason() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** What is wrong and what to do, for a person. */
    public String sentence() {
        return sentence;
    }
}
