package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of one HTTP/1.1 connection begin and end, read as strictly as RFC 9112 lets:
 * what another reader could take for something else is refused. It looks at each octet of heads,
 * chunk sizes and trailers once, in the buffers they came in, and only counts those of bodies; the
 * verdict is the same however the octets are split into reads.
 */
final class RequestFraming {
    private static final AsciiString HTTP2 =
            AsciiString.cached("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); // RFC 9113, 3.4

    private static final int MOST_FIELDS = 200;
    private static final int TRAILER_BYTES = 8 * 1024;
    private static final int CHUNK_LINE_BYTES = 1024;

    /** Of one request: extensions mean nothing to us, and tiny chunks could hide many of them. */
    private static final int EXTENSION_BYTES = 16 * 1024;

    /** Netty's decoder keeps a chunk's size in an int. */
    private static final int MOST_HEX_DIGITS = 8;

    private enum At {
        CONNECTION_START,
        REQUEST_START,
        FIELDS,
        BODY,
        CHUNK_SIZE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS,
        HTTP2
    }

    private final int requestLineBytes;
    private final int headerBytes;
    private final Head head = new Head();
    private At at = At.CONNECTION_START;
    private boolean blankLineSeen;
    private int headStart; // as the next two: from the first octet held, between two calls
    private int line; // where what is being read begins
    private int searched; // up to where there is no LF
    private int sizeOfFields;
    private int fields;
    private int sizeOfExtensions;
    private long left; // octets of the body or chunk
    private long heads;
    private boolean bodyBegun;
    private @Nullable Refusal refusal;

    /**
     * @param requestLineBytes most octets of a request line
     * @param headerBytes most octets of all headers of a request; neither above the decoder's
     */
    RequestFraming(int requestLineBytes, int headerBytes) {
        this.requestLineBytes = requestLineBytes;
        this.headerBytes = headerBytes;
    }

    /**
     * Looks at what came, and says how many octets from the first on may be passed on: whole heads,
     * and bodies as they come. The rest has to be given again, with what follows it.
     */
    int examine(ByteBuf held) {
        int base = held.readerIndex();
        int end = held.writerIndex();
        int safe = base;
        move(base);
        try {
            boolean going = refusal == null;
            while (going) {
                int before = line;
                At was = at;
                step(held, end);
                safe = at == At.FIELDS || at == At.TRAILERS ? safe : line;
                going = line != before || at != was;
            }
        } catch (MalformedRequest malformed) {
            refusal = malformed.refusal();
        }
        move(-safe);
        return safe - base;
    }

    private void move(int by) {
        headStart += by;
        line += by;
        searched += by;
        head.movedTo(headStart);
    }

    /** Why the first octet that may not pass never will; empty while nothing is wrong. */
    Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** How many heads were whole. */
    long heads() {
        return heads;
    }

    /** Whether what comes next belongs to the body of a request whose head was passed on. */
    boolean isInBody() {
        return switch (at) {
            case BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILERS -> true;
            case CONNECTION_START, REQUEST_START, FIELDS, HTTP2 -> false;
        };
    }

    /** Whether the connection began with HTTP/2's preface: the rest is not for this class. */
    boolean isHttp2() {
        return at == At.HTTP2;
    }

    /** Whether the last head asked for another protocol, which may have begun by now. */
    boolean mayBeUpgraded() {
        return at == At.REQUEST_START && head.asksForUpgrade();
    }

    /** Whether the client has sent no body yet since it may wait to be told to. */
    boolean mayAwaitContinue() {
        return isInBody() && !bodyBegun && head.expectsContinue();
    }

    private void step(ByteBuf in, int end) throws MalformedRequest {
        switch (at) {
            case CONNECTION_START -> preface(in, end);
            case REQUEST_START -> requestLine(in, end);
            case FIELDS -> field(in, end);
            case BODY -> pass(end, At.REQUEST_START);
            case CHUNK_SIZE -> chunkSize(in, end);
            case CHUNK_DATA -> pass(end, At.CHUNK_END);
            case CHUNK_END -> chunkEnd(in, end);
            case TRAILERS -> trailer(in, end);
            case HTTP2 -> line = end;
        }
    }

    private void preface(ByteBuf in, int end) {
        int length = Math.min(end - line, HTTP2.length());
        for (int i = 0; i < length; i++) {
            if (in.getByte(line + i) != HTTP2.byteAt(i)) {
                at = At.REQUEST_START;
                return;
            }
        }
        if (length == HTTP2.length()) {
            at = At.HTTP2;
        }
    }

    private void requestLine(ByteBuf in, int end) throws MalformedRequest {
        int lf = lineEnd(in, end, requestLineBytes, Refusal.REQUEST_LINE_TOO_LONG);
        if (lf < 0) {
            return;
        }
        if (lf == line + 1) { // one may precede a request (RFC 9112, 2.2)
            if (blankLineSeen) {
                throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
            }
            blankLineSeen = true;
        } else {
            headStart = line;
            head.begin(line);
            head.requestLine(in, line, lf - 1);
            sizeOfFields = 0;
            fields = 0;
            at = At.FIELDS;
        }
        line = lf + 1;
    }

    private void field(ByteBuf in, int end) throws MalformedRequest {
        int lf = lineEnd(in, end, headerBytes - sizeOfFields, Refusal.HEADERS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        if (lf == line + 1) {
            left = head.end(in);
            heads++;
            bodyBegun = false;
            blankLineSeen = false;
            sizeOfExtensions = 0;
            at = left == Head.CHUNKED ? At.CHUNK_SIZE : left > 0 ? At.BODY : At.REQUEST_START;
        } else {
            count(lf);
            head.field(in, line, lf - 1);
        }
        line = lf + 1;
    }

    private void count(int lf) throws MalformedRequest {
        sizeOfFields += lf + 1 - line;
        if (++fields > MOST_FIELDS) {
            throw new MalformedRequest(Refusal.HEADERS_TOO_LARGE);
        }
    }

    private void pass(int end, At next) {
        int passed = (int) Math.min(left, end - line);
        left -= passed;
        bodyBegun |= passed > 0;
        line += passed;
        if (left == 0) {
            at = next;
        }
    }

    /** RFC 9112, 7.1: hexadecimal digits and extensions, which begin with a semicolon. */
    private void chunkSize(ByteBuf in, int end) throws MalformedRequest {
        int lf = lineEnd(in, end, CHUNK_LINE_BYTES, Refusal.CHUNK_EXTENSIONS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        int i = line;
        left = 0;
        while (i < lf - 1 && Octets.hex(in.getByte(i)) >= 0) {
            left = left << 4 | Octets.hex(in.getByte(i));
            if (++i - line > MOST_HEX_DIGITS) {
                throw new MalformedRequest(Refusal.INVALID_CHUNK);
            }
        }
        if (i == line || left > Integer.MAX_VALUE || i < lf - 1 && in.getByte(i) != ';') {
            throw new MalformedRequest(Refusal.INVALID_CHUNK);
        }
        sizeOfExtensions += lf - 1 - i;
        if (sizeOfExtensions > EXTENSION_BYTES) {
            throw new MalformedRequest(Refusal.CHUNK_EXTENSIONS_TOO_LARGE);
        }
        for (; i < lf - 1; i++) {
            if (!Octets.isValue(in.getByte(i) & 0xff)) {
                throw new MalformedRequest(Refusal.INVALID_CHUNK);
            }
        }
        sizeOfFields = 0;
        fields = 0;
        at = left == 0 ? At.TRAILERS : At.CHUNK_DATA;
        line = lf + 1;
    }

    private void chunkEnd(ByteBuf in, int end) throws MalformedRequest {
        if (end > line && in.getByte(line) != Octets.CR
                || end > line + 1 && in.getByte(line + 1) != Octets.LF) {
            throw new MalformedRequest(Refusal.INVALID_CHUNK);
        }
        if (end > line + 1) {
            line += 2;
            at = At.CHUNK_SIZE;
        }
    }

    private void trailer(ByteBuf in, int end) throws MalformedRequest {
        int lf = lineEnd(in, end, TRAILER_BYTES - sizeOfFields, Refusal.HEADERS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        if (lf == line + 1) {
            at = At.REQUEST_START;
        } else {
            count(lf);
            Head.trailer(in, line, lf - 1);
        }
        line = lf + 1;
    }

    /** Where the LF of the line is; -1 while it did not come. */
    private int lineEnd(ByteBuf in, int end, int most, Refusal tooLong) throws MalformedRequest {
        int lf = in.indexOf(Math.max(searched, line), end, Octets.LF);
        if ((lf < 0 ? end : lf + 1) - line > most) {
            throw new MalformedRequest(tooLong);
        }
        if (lf < 0) {
            searched = end;
        } else if (lf == line || in.getByte(lf - 1) != Octets.CR) {
            throw new MalformedRequest(Refusal.BARE_LF);
        }
        return lf;
    }
}
