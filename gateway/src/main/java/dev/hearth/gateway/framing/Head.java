package dev.hearth.gateway.framing;

import static dev.hearth.gateway.framing.Octets.SPACE;
import static dev.hearth.gateway.framing.Octets.TAB;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * What the lines of a head have said so far about where the request ends and whom it is for (RFC
 * 9112, sections 3 to 6). Used again for each request of a connection; every line is given without
 * its CR LF, and places are kept relative to the head's first octet.
 */
final class Head {
    /** The body's length when it comes in chunks. */
    static final long CHUNKED = -1;

    private static final AsciiString OPTIONS = AsciiString.cached("options");
    private static final AsciiString CONNECT = AsciiString.cached("connect");
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString EXPECT = AsciiString.cached("expect");
    private static final AsciiString CONNECTION = AsciiString.cached("connection");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
    private static final AsciiString H2C = AsciiString.cached("h2c");
    private static final AsciiString CHUNKED_CODING = AsciiString.cached("chunked");
    private static final AsciiString HTTP = AsciiString.cached("http://");
    private static final AsciiString HTTPS = AsciiString.cached("https://");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/");

    /** Below 10^18, so that it always fits into a long. */
    private static final int MOST_DIGITS = 18;

    private int start;
    private boolean oldVersion;
    private int authority;
    private int authorityLength;
    private int host;
    private int hostLength;
    private boolean hasLength;
    private long length;
    private boolean chunked;
    private boolean upgrade;
    private boolean toHttp2;
    private boolean expects;

    /** Forgets the last request; the next one's first octet is at {@code start}. */
    void begin(int start) {
        this.start = start;
        oldVersion = false;
        authorityLength = 0;
        hostLength = 0;
        hasLength = false;
        length = 0;
        chunked = false;
        upgrade = false;
        toHttp2 = false;
        expects = false;
    }

    /** Tells where the head's first octet is now. */
    void movedTo(int newStart) {
        start = newStart;
    }

    /** Whether it asks for another protocol. */
    boolean asksForUpgrade() {
        return upgrade;
    }

    /** Whether its sender may wait for a word before the body (RFC 9110, 10.1.1). */
    boolean expectsContinue() {
        return expects;
    }

    void requestLine(ByteBuf in, int from, int to) throws MalformedRequest {
        int methodEnd = from;
        while (methodEnd < to && Octets.isToken(in.getByte(methodEnd) & 0xff)) {
            methodEnd++;
        }
        if (methodEnd == from || methodEnd == to || in.getByte(methodEnd) != SPACE) {
            throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
        }
        int target = methodEnd + 1;
        int targetEnd = target;
        while (targetEnd < to && in.getByte(targetEnd) != SPACE) {
            int octet = in.getByte(targetEnd);
            if (!Octets.isVisible(octet) || octet == '#') {
                throw new MalformedRequest(Refusal.INVALID_TARGET);
            }
            targetEnd++;
        }
        if (targetEnd == target || targetEnd == to) {
            throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
        }
        version(in, targetEnd + 1, to);
        if (Octets.is(in, from, methodEnd, CONNECT)) {
            throw new MalformedRequest(Refusal.INVALID_METHOD);
        }
        target(in, target, targetEnd, Octets.is(in, from, methodEnd, OPTIONS));
    }

    private void version(ByteBuf in, int from, int to) throws MalformedRequest {
        if (to - from != 8) {
            throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
        }
        for (int i = 0; i < VERSION.length(); i++) {
            if (in.getByte(from + i) != VERSION.byteAt(i)) {
                throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
            }
        }
        int major = in.getByte(from + 5);
        int minor = in.getByte(from + 7);
        if (!Octets.isDigit(major) || in.getByte(from + 6) != '.' || !Octets.isDigit(minor)) {
            throw new MalformedRequest(Refusal.INVALID_REQUEST_LINE);
        }
        if (major != '1' || minor > '1') {
            throw new MalformedRequest(Refusal.UNSUPPORTED_VERSION);
        }
        oldVersion = minor == '0';
    }

    /** origin-form, absolute-form, or asterisk-form for OPTIONS (RFC 9112, 3.2). */
    private void target(ByteBuf in, int from, int to, boolean options) throws MalformedRequest {
        int first = in.getByte(from);
        if (first == '/' || options && first == '*' && to == from + 1) {
            return;
        }
        int begin = schemeEnd(in, from, to);
        int end = begin;
        while (end < to && in.getByte(end) != '/' && in.getByte(end) != '?') {
            end++;
        }
        if (begin == from || !Authority.isValid(in, begin, end)) {
            throw new MalformedRequest(Refusal.INVALID_TARGET);
        }
        authority = begin - start;
        authorityLength = end - begin;
    }

    private static int schemeEnd(ByteBuf in, int from, int to) {
        for (AsciiString scheme : new AsciiString[] {HTTP, HTTPS}) {
            int end = from + scheme.length();
            if (end < to && Octets.is(in, from, end, scheme)) {
                return end;
            }
        }
        return from;
    }

    void field(ByteBuf in, int from, int to) throws MalformedRequest {
        int colon = name(in, from, to);
        int begin = colon + 1;
        int end = to;
        while (begin < end && isBlank(in.getByte(begin))) {
            begin++;
        }
        while (end > begin && isBlank(in.getByte(end - 1))) {
            end--;
        }
        value(in, begin, end);
        switch (colon - from) {
            case 4 -> {
                if (Octets.is(in, from, colon, HOST)) {
                    host(in, begin, end);
                }
            }
            case 6 -> expects |= Octets.is(in, from, colon, EXPECT);
            case 7 -> {
                if (Octets.is(in, from, colon, UPGRADE)) {
                    upgrade = true;
                    toHttp2 |= Octets.is(in, begin, end, H2C);
                }
            }
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
                    if (chunked || oldVersion || !Octets.is(in, begin, end, CHUNKED_CODING)) {
                        throw new MalformedRequest(Refusal.INVALID_TRANSFER_ENCODING);
                    }
                    chunked = true;
                }
            }
            default -> {}
        }
    }

    /** A line after the last chunk; what frames, routes or describes comes too late there. */
    static void trailer(ByteBuf in, int from, int to) throws MalformedRequest {
        int colon = name(in, from, to);
        value(in, colon + 1, to);
        if (Octets.is(in, from, colon, HOST)
                || Octets.is(in, from, colon, CONTENT_LENGTH)
                || Octets.is(in, from, colon, TRANSFER_ENCODING)
                || Octets.is(in, from, colon, CONNECTION)
                || Octets.is(in, from, colon, UPGRADE)) {
            throw new MalformedRequest(Refusal.INVALID_TRAILER);
        }
    }

    /** Where the colon after a field's name is. */
    private static int name(ByteBuf in, int from, int to) throws MalformedRequest {
        if (isBlank(in.getByte(from))) {
            throw new MalformedRequest(Refusal.FOLDED_HEADER);
        }
        int colon = from;
        while (colon < to && Octets.isToken(in.getByte(colon) & 0xff)) {
            colon++;
        }
        if (colon == from || colon == to || in.getByte(colon) != ':') {
            throw new MalformedRequest(Refusal.INVALID_HEADER_NAME);
        }
        return colon;
    }

    private static void value(ByteBuf in, int from, int to) throws MalformedRequest {
        if (in.forEachByte(from, to - from, Octets.VALUE) >= 0) {
            throw new MalformedRequest(Refusal.INVALID_HEADER_VALUE);
        }
    }

    private void host(ByteBuf in, int from, int to) throws MalformedRequest {
        if (hostLength > 0 || !Authority.isValid(in, from, to)) {
            throw new MalformedRequest(Refusal.INVALID_HOST);
        }
        host = from - start;
        hostLength = to - from;
    }

    private void contentLength(ByteBuf in, int from, int to) throws MalformedRequest {
        if (hasLength || to == from || to - from > MOST_DIGITS) {
            throw new MalformedRequest(Refusal.INVALID_CONTENT_LENGTH);
        }
        for (int i = from; i < to; i++) {
            if (!Octets.isDigit(in.getByte(i))) {
                throw new MalformedRequest(Refusal.INVALID_CONTENT_LENGTH);
            }
            length = length * 10 + in.getByte(i) - '0';
        }
        hasLength = true;
    }

    /** What Connection names is taken away from the request: these would be missed. */
    private static void connection(ByteBuf in, int from, int to) throws MalformedRequest {
        int option = from;
        for (int i = from; i <= to; i++) {
            if (i == to || in.getByte(i) == ',') {
                int end = i;
                while (option < end && isBlank(in.getByte(option))) {
                    option++;
                }
                while (end > option && isBlank(in.getByte(end - 1))) {
                    end--;
                }
                if (Octets.is(in, option, end, CONTENT_LENGTH)
                        || Octets.is(in, option, end, HOST)) {
                    throw new MalformedRequest(Refusal.INVALID_CONNECTION);
                }
                option = i + 1;
            }
        }
    }

    /** The length of the body that follows, or {@link #CHUNKED}, now that the head is whole. */
    long end(ByteBuf in) throws MalformedRequest {
        if (hostLength == 0 && !oldVersion) {
            throw new MalformedRequest(Refusal.INVALID_HOST);
        }
        if (authorityLength > 0
                && hostLength > 0
                && (authorityLength != hostLength
                        || !Octets.same(in, start + authority, start + host, hostLength))) {
            throw new MalformedRequest(Refusal.HOST_MISMATCH);
        }
        if (chunked && hasLength) {
            throw new MalformedRequest(Refusal.AMBIGUOUS_LENGTH);
        }
        if (toHttp2 && (chunked || length > 0)) {
            throw new MalformedRequest(Refusal.UPGRADE_WITH_BODY);
        }
        return chunked ? CHUNKED : length;
    }

    private static boolean isBlank(int octet) {
        return octet == SPACE || octet == TAB;
    }
}
