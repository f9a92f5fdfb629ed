package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Where the responses of one connection to a container begin and end. Less strict than with
 * requests where nothing can be mistaken: lines may end with LF alone, and a body may go on until
 * the connection closes. Of everything else that two readers could take for different responses it
 * says that it is malformed.
 */
public final class ResponseFraming extends Framing {
    private static final AsciiString CONNECTION = AsciiString.cached("connection");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString CHUNKED_CODING = AsciiString.cached("chunked");
    private static final AsciiString CLOSE = AsciiString.cached("close");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/1.");

    private static final int VERSION_LENGTH = 8; // HTTP/1.1
    private static final int MOST_DIGITS = 18;
    private static final int STATUS_LINE_BYTES = 8 * 1024;

    /** How a body ends. */
    public enum Body {
        NONE,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    private boolean toHead;
    private boolean oldVersion;
    private int status;
    private int reasonEnd;
    private boolean hasLength;
    private long length;
    private boolean chunked;
    private boolean close;
    private boolean namesFields;
    private Body body = Body.NONE;

    /**
     * @param headerBytes most octets of all headers of a response
     */
    public ResponseFraming(int headerBytes) {
        super(STATUS_LINE_BYTES, headerBytes, At.START);
    }

    /**
     * What comes next is the response to a request.
     *
     * @param isHead whether its method was HEAD, so that there is no body whatever the fields say
     *     (RFC 9112, 6.3)
     */
    public void expect(boolean isHead) {
        toHead = isHead;
    }

    /** The last head's status: 100 to 999. */
    public int status() {
        return status;
    }

    /** Where the status line's three digits begin, in octets from the head's first one. */
    public int statusStart() {
        return VERSION_LENGTH + 1;
    }

    /** Where the status line ends, without the end of line. */
    public int reasonEnd() {
        return reasonEnd;
    }

    /** Whether another head follows, of the real response (RFC 9110, 15.2). */
    public boolean isInterim() {
        return status < 200;
    }

    /** How the body ends. */
    public Body body() {
        return body;
    }

    /** Whether Connection names fields that are for the gateway only. */
    public boolean namesFields() {
        return namesFields;
    }

    /** Whether the connection can carry another request once this response has been read. */
    public boolean keepsConnection() {
        return !close && body != Body.UNTIL_CLOSE;
    }

    @Override
    void connectionStart(ByteBuf in, int end) {
        at = At.START;
    }

    @Override
    boolean begin(ByteBuf in, int from, int to) throws MalformedMessage {
        int digits = from + statusStart();
        if (to < digits + 3
                || !Octets.startsWith(in, from, VERSION)
                || !Octets.isDigit(in.getByte(digits - 2))
                || in.getByte(digits - 1) != Octets.SPACE
                || to > digits + 3 && in.getByte(digits + 3) != Octets.SPACE
                || in.forEachByte(digits, to - digits, Octets.VALUE) >= 0) {
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        status = 0;
        for (int i = digits; i < digits + 3; i++) {
            if (!Octets.isDigit(in.getByte(i))) {
                throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
            }
            status = status * 10 + in.getByte(i) - '0';
        }
        if (status < 100 || status == 101) { // nobody was asked to switch protocols
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        oldVersion = in.getByte(from + VERSION_LENGTH - 1) == '0';
        reasonEnd = to - from;
        hasLength = false;
        length = 0;
        chunked = false;
        close = oldVersion;
        namesFields = false;
        return true;
    }

    @Override
    void field(ByteBuf in, int from, int colon, int begin, int end) throws MalformedMessage {
        switch (colon - from) {
            case 10 -> {
                if (Octets.is(in, from, colon, CONNECTION)) {
                    connection(in, begin, end);
                }
            }
            case 14 -> {
                if (Octets.is(in, from, colon, CONTENT_LENGTH)) {
                    contentLength(in, begin, end);
                }
            }
            case 17 -> {
                if (Octets.is(in, from, colon, TRANSFER_ENCODING)) {
                    if (chunked || !Octets.is(in, begin, end, CHUNKED_CODING)) {
                        throw new MalformedMessage(Refusal.INVALID_TRANSFER_ENCODING);
                    }
                    chunked = true;
                }
            }
            default -> {}
        }
    }

    /** A container that closes anyhow is believed; one that keeps an old connection need not be. */
    private void connection(ByteBuf in, int from, int to) {
        if (Octets.is(in, from, to, CLOSE)) {
            close = true;
        } else if (!Octets.is(in, from, to, KEEP_ALIVE)) {
            namesFields = true;
            close = true; // it may be among the words
        }
    }

    private void contentLength(ByteBuf in, int from, int to) throws MalformedMessage {
        if (hasLength // even an equal one: the client would get both
                || to == from
                || to - from > MOST_DIGITS) {
            throw new MalformedMessage(Refusal.INVALID_CONTENT_LENGTH);
        }
        for (int i = from; i < to; i++) {
            if (!Octets.isDigit(in.getByte(i))) {
                throw new MalformedMessage(Refusal.INVALID_CONTENT_LENGTH);
            }
            length = length * 10 + in.getByte(i) - '0';
        }
        hasLength = true;
    }

    /** RFC 9112, 6.3. */
    @Override
    At end(ByteBuf in) throws MalformedMessage {
        if (chunked && (hasLength || oldVersion)) {
            throw new MalformedMessage(Refusal.AMBIGUOUS_LENGTH);
        }
        if (toHead || status < 200 || status == 204 || status == 304) {
            body = Body.NONE;
            return At.START;
        }
        if (chunked) {
            body = Body.CHUNKED;
            return At.CHUNK_SIZE;
        }
        if (hasLength) {
            body = length > 0 ? Body.LENGTH : Body.NONE;
            return expect(length);
        }
        body = Body.UNTIL_CLOSE;
        return At.BODY_UNTIL_CLOSE;
    }

    @Override
    void trailer(ByteBuf in, int from, int colon) {}

    @Override
    boolean allowsBareLf() {
        return true;
    }
}
