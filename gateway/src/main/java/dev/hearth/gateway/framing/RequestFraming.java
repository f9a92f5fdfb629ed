package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Where the requests of one HTTP/1.1 connection begin and end, read as strictly as RFC 9112 lets:
 * what another reader could take for something else is refused.
 */
public final class RequestFraming extends Framing {
    private static final AsciiString HTTP2 =
            AsciiString.cached("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); // RFC 9113, 3.4

    private final Head head = new Head();
    private boolean blankLineSeen;

    /**
     * @param requestLineBytes most octets of a request line
     * @param headerBytes most octets of all headers of a request; neither above the decoder's
     */
    public RequestFraming(int requestLineBytes, int headerBytes) {
        super(requestLineBytes, headerBytes, At.CONNECTION_START);
    }

    /** What the last head says. */
    public Head head() {
        return head;
    }

    /** Whether the connection began with HTTP/2's preface: the rest is not for this class. */
    public boolean isHttp2() {
        return at == At.ANOTHER_PROTOCOL;
    }

    /** Whether the last head asked for another protocol, which may have begun by now. */
    boolean mayBeUpgraded() {
        return at == At.START && head.asksForUpgrade();
    }

    /** Whether the client has sent no body yet since it may wait to be told to. */
    boolean mayAwaitContinue() {
        return isInBody() && !hasBodyBegun() && head.expectsContinue();
    }

    @Override
    void connectionStart(ByteBuf in, int end) {
        int length = Math.min(end - line, HTTP2.length());
        for (int i = 0; i < length; i++) {
            if (in.getByte(line + i) != HTTP2.byteAt(i)) {
                at = At.START;
                return;
            }
        }
        if (length == HTTP2.length()) {
            at = At.ANOTHER_PROTOCOL;
        }
    }

    @Override
    boolean begin(ByteBuf in, int from, int to) throws MalformedMessage {
        if (to == from) { // one may precede a request (RFC 9112, 2.2)
            if (blankLineSeen) {
                throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
            }
            blankLineSeen = true;
            return false;
        }
        head.begin();
        head.requestLine(in, from, to);
        return true;
    }

    @Override
    void field(ByteBuf in, int from, int colon, int begin, int end) throws MalformedMessage {
        head.field(in, headStart, from, colon, begin, end);
    }

    @Override
    At end(ByteBuf in) throws MalformedMessage {
        long length = head.end(in, headStart);
        blankLineSeen = false;
        return length == Head.CHUNKED ? At.CHUNK_SIZE : expect(length);
    }

    @Override
    void trailer(ByteBuf in, int from, int colon) throws MalformedMessage {
        Head.trailer(in, from, colon);
    }

    @Override
    boolean allowsBareLf() {
        return false;
    }
}
