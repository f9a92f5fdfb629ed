package dev.hearth.gateway.framing;

import static dev.hearth.gateway.framing.Octets.SPACE;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * What the lines of a request's head have said so far about where the request ends and whom it is
 * for (RFC 9112, sections 3 to 6). Used again for each request of a connection; every line is given
 * without its CR LF, and places are kept in octets from the head's first one.
 */
public final class Head {
    /** What a head says about its connection, when it says it in one word. */
    public enum Connection {
        NOT_NAMED,
        KEEP_ALIVE,
        CLOSE,
        /** Names of headers, another protocol, or several words. */
        OTHER
    }

    /** The body's length when it comes in chunks. */
    static final long CHUNKED = -1;

    private static final AsciiString OPTIONS = AsciiString.cached("options");
    private static final AsciiString CONNECT = AsciiString.cached("connect");
    private static final AsciiString TRACE = AsciiString.cached("trace");
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString EXPECT = AsciiString.cached("expect");
    private static final AsciiString CONNECTION = AsciiString.cached("connection");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
    private static final AsciiString UPGRADE = AsciiString.cached("upgrade");
    private static final AsciiString H2C = AsciiString.cached("h2c");
    private static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString CLOSE = AsciiString.cached("close");
    private static final AsciiString CHUNKED_CODING = AsciiString.cached("chunked");
    private static final AsciiString HTTP = AsciiString.cached("http://");
    private static final AsciiString HTTPS = AsciiString.cached("https://");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/");

    /** Of a setting in base64: 16 bits that name it and 32 of its value. */
    private static final int SETTING_LENGTH = 8;

    /** Below 10^18, so that it always fits into a long. */
    private static final int MOST_DIGITS = 18;

    private int methodEnd;
    private int targetEnd;
    private boolean oldVersion;
    private Connection connection = Connection.NOT_NAMED;
    private int authority;
    private int authorityLength;
    private int host;
    private int hostLength;
    private boolean hasLength;
    private long length;
    private boolean chunked;
    private boolean upgrade;
    private boolean toHttp2;
    private int settings;
    private boolean namesUpgrade;
    private boolean namesSettings;
    private boolean expects;
    private boolean toServer;

    /** Forgets the last request. */
    void begin() {
        methodEnd = 0;
        targetEnd = 0;
        oldVersion = false;
        connection = Connection.NOT_NAMED;
        authorityLength = 0;
        hostLength = 0;
        hasLength = false;
        length = 0;
        chunked = false;
        upgrade = false;
        toHttp2 = false;
        settings = 0;
        namesUpgrade = false;
        namesSettings = false;
        expects = false;
        toServer = false;
    }

    /** Where the method, which begins the head, ends. */
    public int methodEnd() {
        return methodEnd;
    }

    /** Where the target begins. */
    public int targetStart() {
        return methodEnd + 1;
    }

    /** Where the target ends. */
    public int targetEnd() {
        return targetEnd;
    }

    /** Where the value of Host begins. */
    public int hostStart() {
        return host;
    }

    /** Its octets. */
    public int hostLength() {
        return hostLength;
    }

    /** What it says about the connection. */
    public Connection connection() {
        return connection;
    }

    /** Octets of the body when that is known from the head; 0 for none. */
    public long contentLength() {
        return length;
    }

    /**
     * Whether it is a request like most: for a path, of HTTP/1.1, with no body or one whose length
     * it gives, and with no wish that concerns this connection but to keep or close it.
     */
    public boolean isUsual() {
        return !oldVersion
                && !toServer
                && authorityLength == 0
                && !chunked
                && !upgrade
                && !expects
                && connection != Connection.OTHER;
    }

    /** Whether it asks for another protocol. */
    boolean asksForUpgrade() {
        return upgrade;
    }

    /** Whether its sender may wait for a word before the body (RFC 9110, 10.1.1). */
    boolean expectsContinue() {
        return expects;
    }

    void requestLine(ByteBuf in, int from, int to) throws MalformedMessage {
        int space = from;
        while (space < to && Octets.isToken(in.getByte(space) & 0xff)) {
            space++;
        }
        if (space == from || space == to || in.getByte(space) != SPACE) {
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        int target = space + 1;
        int end = target;
        while (end < to && in.getByte(end) != SPACE) {
            int octet = in.getByte(end);
            if (!Octets.isVisible(octet) || octet == '#') {
                throw new MalformedMessage(Refusal.INVALID_TARGET);
            }
            end++;
        }
        if (end == target || end == to) {
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        version(in, end + 1, to);
        if (Octets.is(in, from, space, CONNECT)) {
            throw new MalformedMessage(Refusal.INVALID_METHOD);
        }
        target(in, from, target, end, Octets.is(in, from, space, OPTIONS));
        toServer = in.getByte(target) == '*' || Octets.is(in, from, space, TRACE);
        methodEnd = space - from;
        targetEnd = end - from;
    }

    private void version(ByteBuf in, int from, int to) throws MalformedMessage {
        if (to - from != 8) {
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        for (int i = 0; i < VERSION.length(); i++) {
            if (in.getByte(from + i) != VERSION.byteAt(i)) {
                throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
            }
        }
        int major = in.getByte(from + 5);
        int minor = in.getByte(from + 7);
        if (!Octets.isDigit(major) || in.getByte(from + 6) != '.' || !Octets.isDigit(minor)) {
            throw new MalformedMessage(Refusal.INVALID_REQUEST_LINE);
        }
        if (major != '1' || minor > '1') {
            throw new MalformedMessage(Refusal.UNSUPPORTED_VERSION);
        }
        oldVersion = minor == '0';
    }

    /** origin-form, absolute-form, or asterisk-form for OPTIONS (RFC 9112, 3.2). */
    private void target(ByteBuf in, int start, int from, int to, boolean options)
            throws MalformedMessage {
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
            throw new MalformedMessage(Refusal.INVALID_TARGET);
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

    /** A field, of the head that begins at {@code start}. */
    void field(ByteBuf in, int start, int from, int colon, int begin, int end)
            throws MalformedMessage {
        switch (colon - from) {
            case 4 -> {
                if (Octets.is(in, from, colon, HOST)) {
                    host(in, start, begin, end);
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
                } else if (Octets.is(in, from, colon, HTTP2_SETTINGS)) {
                    settings += areSettings(in, begin, end) ? 1 : 2;
                }
            }
            case 17 -> {
                if (Octets.is(in, from, colon, TRANSFER_ENCODING)) {
                    if (chunked || oldVersion || !Octets.is(in, begin, end, CHUNKED_CODING)) {
                        throw new MalformedMessage(Refusal.INVALID_TRANSFER_ENCODING);
                    }
                    chunked = true;
                }
            }
            default -> {}
        }
    }

    /** A line after the last chunk; what frames, routes or describes comes too late there. */
    static void trailer(ByteBuf in, int from, int colon) throws MalformedMessage {
        if (Octets.is(in, from, colon, HOST)
                || Octets.is(in, from, colon, CONTENT_LENGTH)
                || Octets.is(in, from, colon, TRANSFER_ENCODING)
                || Octets.is(in, from, colon, CONNECTION)
                || Octets.is(in, from, colon, UPGRADE)) {
            throw new MalformedMessage(Refusal.INVALID_TRAILER);
        }
    }

    private void host(ByteBuf in, int start, int from, int to) throws MalformedMessage {
        if (hostLength > 0 || !Authority.isValid(in, from, to)) {
            throw new MalformedMessage(Refusal.INVALID_HOST);
        }
        host = from - start;
        hostLength = to - from;
    }

    private void contentLength(ByteBuf in, int from, int to) throws MalformedMessage {
        if (hasLength || to == from || to - from > MOST_DIGITS) {
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

    /** Base64 without padding (RFC 7540, 3.2.1); any number of them. */
    private static boolean areSettings(ByteBuf in, int from, int to) {
        for (int i = from; i < to; i++) {
            int octet = in.getByte(i);
            if (!Octets.isDigit(octet)
                    && !(octet >= 'A' && octet <= 'Z')
                    && !(octet >= 'a' && octet <= 'z')
                    && octet != '-'
                    && octet != '_') {
                return false;
            }
        }
        return (to - from) % SETTING_LENGTH == 0;
    }

    /** What Connection names is taken away from the request: these would be missed. */
    private void connection(ByteBuf in, int from, int to) throws MalformedMessage {
        boolean first = connection == Connection.NOT_NAMED;
        connection = first ? word(in, from, to) : Connection.OTHER;
        int option = from;
        for (int i = from; i <= to; i++) {
            if (i == to || in.getByte(i) == ',') {
                int end = i;
                while (option < end && Framing.isBlank(in.getByte(option))) {
                    option++;
                }
                while (end > option && Framing.isBlank(in.getByte(end - 1))) {
                    end--;
                }
                if (Octets.is(in, option, end, CONTENT_LENGTH)
                        || Octets.is(in, option, end, HOST)) {
                    throw new MalformedMessage(Refusal.INVALID_CONNECTION);
                }
                namesUpgrade |= first && Octets.is(in, option, end, UPGRADE);
                namesSettings |= first && Octets.is(in, option, end, HTTP2_SETTINGS);
                option = i + 1;
            }
        }
    }

    /** The length of the body that follows, or {@link #CHUNKED}, now that the head is whole. */
    long end(ByteBuf in, int start) throws MalformedMessage {
        if (hostLength == 0 && !oldVersion) {
            throw new MalformedMessage(Refusal.INVALID_HOST);
        }
        if (authorityLength > 0
                && hostLength > 0
                && (authorityLength != hostLength
                        || !Octets.same(in, start + authority, start + host, hostLength))) {
            throw new MalformedMessage(Refusal.HOST_MISMATCH);
        }
        if (chunked && hasLength) {
            throw new MalformedMessage(Refusal.AMBIGUOUS_LENGTH);
        }
        if (toHttp2 && (chunked || length > 0)) {
            throw new MalformedMessage(Refusal.UPGRADE_WITH_BODY);
        }
        if (toHttp2 && (settings != 1 || !namesUpgrade || !namesSettings)) {
            throw new MalformedMessage(Refusal.INVALID_UPGRADE);
        }
        return chunked ? CHUNKED : length;
    }

    private static Connection word(ByteBuf in, int from, int to) {
        if (Octets.is(in, from, to, KEEP_ALIVE)) {
            return Connection.KEEP_ALIVE;
        }
        return Octets.is(in, from, to, CLOSE) ? Connection.CLOSE : Connection.OTHER;
    }
}
