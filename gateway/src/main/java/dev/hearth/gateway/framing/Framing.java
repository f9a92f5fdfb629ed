package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the messages of one direction of an HTTP/1.1 connection begin and end (RFC 9112). It looks
 * at each octet of heads, chunk sizes and trailers once, in the buffers they came in, and only
 * counts those of bodies; the verdict is the same however the octets are split into reads.
 */
public abstract sealed class Framing permits RequestFraming, ResponseFraming {
    private static final int MOST_FIELDS = 200;
    private static final int TRAILER_BYTES = 8 * 1024;
    private static final int CHUNK_LINE_BYTES = 1024;

    /** Of one message: extensions mean nothing to us, and tiny chunks could hide many of them. */
    private static final int EXTENSION_BYTES = 16 * 1024;

    /** Netty's decoder keeps a chunk's size in an int. */
    private static final int MOST_HEX_DIGITS = 8;

    /** What comes next. */
    enum At {
        CONNECTION_START,
        START,
        FIELDS,
        BODY,
        BODY_UNTIL_CLOSE,
        CHUNK_SIZE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS,
        ANOTHER_PROTOCOL
    }

    final int firstLineBytes;
    final int headerBytes;
    final FieldLines fields = new FieldLines();
    At at;
    int headStart; // as the next two: from the first octet held, between two calls
    int line; // where what is being read begins
    private int searched; // up to where there is no LF
    private int sizeOfFields;
    private int sizeOfExtensions;
    private long left; // octets of the body or chunk
    private long heads;
    private boolean bodyBegun;
    private @Nullable Refusal refusal;

    /**
     * @param firstLineBytes most octets of a request or status line
     * @param headerBytes most octets of all fields of a head
     */
    Framing(int firstLineBytes, int headerBytes, At at) {
        this.firstLineBytes = firstLineBytes;
        this.headerBytes = headerBytes;
        this.at = at;
    }

    /**
     * Looks at what came, and says how many octets from the first on may be passed on: whole heads,
     * and bodies as they come. The rest has to be given again, with what follows it.
     */
    int examine(ByteBuf held) {
        return examine(held, false);
    }

    /**
     * As {@code examine}, but of one message at most: it goes no further than the end of a head or
     * of a body. A head that is whole then is what {@link #headLength} says, at the end of what may
     * be passed on.
     */
    public int next(ByteBuf held) {
        return examine(held, true);
    }

    private int examine(ByteBuf held, boolean one) {
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
                going = (line != before || at != was) && !(one && isBoundary(was));
            }
        } catch (MalformedMessage malformed) {
            refusal = malformed.refusal();
        }
        searched = Math.max(searched, line); // else it would fall with every body, and wrap around
        move(-safe);
        return safe - base;
    }

    /** Whether the step from {@code was} ended a head or a message. */
    private boolean isBoundary(At was) {
        return switch (was) {
            case CONNECTION_START, START, ANOTHER_PROTOCOL -> false;
            case FIELDS -> at != At.FIELDS;
            case BODY, BODY_UNTIL_CLOSE, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILERS ->
                    at == At.START;
        };
    }

    private void move(int by) {
        headStart += by;
        line += by;
        searched += by;
    }

    /** Why the first octet that may not pass never will; empty while nothing is wrong. */
    public Optional<Refusal> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** How many heads were whole. */
    public long heads() {
        return heads;
    }

    /** Octets of the head, or of the last chunk with its trailers, that {@link #next} ended at. */
    public int headLength() {
        return -headStart;
    }

    /** The fields of the last head, or the trailers after the last chunk when there are some. */
    public FieldLines fields() {
        return fields;
    }

    /** Whether some of a message's head has come, but not all. */
    public boolean isInHead() {
        return at == At.FIELDS;
    }

    /** Whether what comes next belongs to the body of a message whose head was passed on. */
    public boolean isInBody() {
        return switch (at) {
            case BODY, BODY_UNTIL_CLOSE, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILERS -> true;
            case CONNECTION_START, START, FIELDS, ANOTHER_PROTOCOL -> false;
        };
    }

    /** Whether octets of the last message's body have come. */
    boolean hasBodyBegun() {
        return bodyBegun;
    }

    private void step(ByteBuf in, int end) throws MalformedMessage {
        switch (at) {
            case CONNECTION_START -> connectionStart(in, end);
            case START -> firstLine(in, end);
            case FIELDS -> field(in, end);
            case BODY -> pass(end, At.START);
            case CHUNK_SIZE -> chunkSize(in, end);
            case CHUNK_DATA -> pass(end, At.CHUNK_END);
            case CHUNK_END -> chunkEnd(in, end);
            case TRAILERS -> trailer(in, end);
            case BODY_UNTIL_CLOSE, ANOTHER_PROTOCOL -> line = end;
        }
    }

    /** What a connection begins with, before its first message. */
    abstract void connectionStart(ByteBuf in, int end);

    /** A request or status line, without its end; nothing when it is empty and passed over. */
    abstract boolean begin(ByteBuf in, int from, int to) throws MalformedMessage;

    /** A field of the head; it is in {@link #fields} already. */
    abstract void field(ByteBuf in, int from, int colon, int begin, int end)
            throws MalformedMessage;

    /** The head is whole: what follows it. {@code left} for {@link At#BODY} by {@link #expect}. */
    abstract At end(ByteBuf in) throws MalformedMessage;

    /** A field after the last chunk. */
    abstract void trailer(ByteBuf in, int from, int colon) throws MalformedMessage;

    /** Whether lines may end with LF alone. */
    abstract boolean allowsBareLf();

    /** How long the body is that follows a head. */
    final At expect(long octets) {
        left = octets;
        return octets > 0 ? At.BODY : At.START;
    }

    private void firstLine(ByteBuf in, int end) throws MalformedMessage {
        int lf = lineEnd(in, end, firstLineBytes, Refusal.REQUEST_LINE_TOO_LONG);
        if (lf < 0) {
            return;
        }
        headStart = line;
        if (begin(in, line, contentEnd(in, lf))) {
            fieldsBegin();
            at = At.FIELDS;
        }
        line = lf + 1;
    }

    private void fieldsBegin() {
        sizeOfFields = 0;
        fields.clear();
    }

    private void field(ByteBuf in, int end) throws MalformedMessage {
        int lf = lineEnd(in, end, headerBytes - sizeOfFields, Refusal.HEADERS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        int to = contentEnd(in, lf);
        if (to == line) {
            bodyBegun = false;
            sizeOfExtensions = 0;
            at = end(in);
            heads++;
        } else {
            int colon = add(in, lf, to);
            field(
                    in,
                    line,
                    colon,
                    fields.lastValueStart() + headStart,
                    fields.lastEnd() + headStart);
        }
        line = lf + 1;
    }

    /** Where the colon is of a field that has been counted and checked. */
    private int add(ByteBuf in, int lf, int to) throws MalformedMessage {
        sizeOfFields += lf + 1 - line;
        if (fields.count() == MOST_FIELDS) {
            throw new MalformedMessage(Refusal.HEADERS_TOO_LARGE);
        }
        int colon = name(in, line, to);
        int begin = colon + 1;
        int end = to;
        while (begin < end && isBlank(in.getByte(begin))) {
            begin++;
        }
        while (end > begin && isBlank(in.getByte(end - 1))) {
            end--;
        }
        if (in.forEachByte(begin, end - begin, Octets.VALUE) >= 0) {
            throw new MalformedMessage(Refusal.INVALID_HEADER_VALUE);
        }
        fields.add(line - headStart, colon - headStart, begin - headStart, end - headStart);
        return colon;
    }

    /** Where the colon after a field's name is. */
    private static int name(ByteBuf in, int from, int to) throws MalformedMessage {
        if (isBlank(in.getByte(from))) {
            throw new MalformedMessage(Refusal.FOLDED_HEADER);
        }
        int colon = from;
        while (colon < to && Octets.isToken(in.getByte(colon) & 0xff)) {
            colon++;
        }
        if (colon == from || colon == to || in.getByte(colon) != ':') {
            throw new MalformedMessage(Refusal.INVALID_HEADER_NAME);
        }
        return colon;
    }

    static boolean isBlank(int octet) {
        return octet == Octets.SPACE || octet == Octets.TAB;
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
    private void chunkSize(ByteBuf in, int end) throws MalformedMessage {
        int lf = lineEnd(in, end, CHUNK_LINE_BYTES, Refusal.CHUNK_EXTENSIONS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        int to = contentEnd(in, lf);
        int i = line;
        left = 0;
        while (i < to && Octets.hex(in.getByte(i)) >= 0) {
            left = left << 4 | Octets.hex(in.getByte(i));
            if (++i - line > MOST_HEX_DIGITS) {
                throw new MalformedMessage(Refusal.INVALID_CHUNK);
            }
        }
        if (i == line || left > Integer.MAX_VALUE || i < to && in.getByte(i) != ';') {
            throw new MalformedMessage(Refusal.INVALID_CHUNK);
        }
        sizeOfExtensions += to - i;
        if (sizeOfExtensions > EXTENSION_BYTES) {
            throw new MalformedMessage(Refusal.CHUNK_EXTENSIONS_TOO_LARGE);
        }
        for (; i < to; i++) {
            if (!Octets.isValue(in.getByte(i) & 0xff)) {
                throw new MalformedMessage(Refusal.INVALID_CHUNK);
            }
        }
        headStart = line;
        fieldsBegin();
        at = left == 0 ? At.TRAILERS : At.CHUNK_DATA;
        line = lf + 1;
    }

    private void chunkEnd(ByteBuf in, int end) throws MalformedMessage {
        if (end > line && in.getByte(line) != Octets.CR
                || end > line + 1 && in.getByte(line + 1) != Octets.LF) {
            throw new MalformedMessage(Refusal.INVALID_CHUNK);
        }
        if (end > line + 1) {
            line += 2;
            at = At.CHUNK_SIZE;
        }
    }

    private void trailer(ByteBuf in, int end) throws MalformedMessage {
        int lf = lineEnd(in, end, TRAILER_BYTES - sizeOfFields, Refusal.HEADERS_TOO_LARGE);
        if (lf < 0) {
            return;
        }
        int to = contentEnd(in, lf);
        if (to == line) {
            at = At.START;
        } else {
            trailer(in, line, add(in, lf, to));
        }
        line = lf + 1;
    }

    /** Where the LF of the line is; -1 while it did not come. */
    private int lineEnd(ByteBuf in, int end, int most, Refusal tooLong) throws MalformedMessage {
        int lf = in.indexOf(Math.max(searched, line), end, Octets.LF);
        if ((lf < 0 ? end : lf + 1) - line > most) {
            throw new MalformedMessage(tooLong);
        }
        if (lf < 0) {
            searched = end;
        } else if (!allowsBareLf() && (lf == line || in.getByte(lf - 1) != Octets.CR)) {
            throw new MalformedMessage(Refusal.BARE_LF);
        }
        return lf;
    }

    private int contentEnd(ByteBuf in, int lf) {
        return lf > line && in.getByte(lf - 1) == Octets.CR ? lf - 1 : lf;
    }
}
