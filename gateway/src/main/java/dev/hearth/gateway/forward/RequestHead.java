package dev.hearth.gateway.forward;

import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.framing.FieldLines;
import dev.hearth.gateway.framing.FieldNames;
import dev.hearth.gateway.framing.Head;
import dev.hearth.gateway.framing.RequestFraming;
import dev.hearth.gateway.peer.PassedOn;
import dev.hearth.gateway.trace.TraceContext;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a usual request as it came, and as the container gets it: by the rules of {@link
 * HeaderRules}, but copied line by line instead of taken apart. Used again for each request of a
 * connection.
 */
final class RequestHead {
    private enum Meaning {
        PASSES,
        NOT_FOR_CONTAINERS,
        ORIGIN,
        RECEIPT,
        PASSED_ON,
        ACCEPT,
        COOKIE,
        TRACEPARENT,
        TRACESTATE
    }

    private static final FieldNames<Meaning> MEANINGS =
            new FieldNames<>(meanings(), Meaning.PASSES);

    private static final byte[] GET = ascii("GET");
    private static final byte[] HEAD = ascii("HEAD");
    private static final byte[] POST = ascii("POST");
    private static final byte[] AFFINITY = ascii(AffinityCookie.NAME);
    private static final byte[] HTTP = ascii(" HTTP/1.1\r\n");
    private static final byte[] REQUEST_ID = ascii("X-Request-Id: ");
    private static final byte[] TRACEPARENT = ascii("\r\ntraceparent: ");
    private static final byte[] TRACESTATE = ascii("\r\ntracestate: ");
    private static final byte[] CLOUD_TRACE = ascii("\r\nX-Cloud-Trace-Context: ");
    private static final byte[] END_OF_LINE = ascii("\r\n");

    private final String peer;
    private final String scheme;
    private final TrustedProxies proxies;
    private final @Nullable SaidOrigin said; // by a trusted proxy; null for others
    private byte[] hostOctets = {};
    private String host = "";
    private Origin origin;
    private byte[] forwarded = {};
    private int[] passing = new int[16];
    private int passes;
    private String method = "";
    private int targetStart;
    private int targetEnd;
    private @Nullable String accept;
    private @Nullable String traceparent;
    private @Nullable String tracestate;
    private boolean wantsReceipt;
    private boolean namesInstance;
    private boolean passedOn;

    /**
     * @param peer the address of the connection's other end
     * @param scheme {@code http} or {@code https}
     */
    RequestHead(InetAddress peer, String scheme, TrustedProxies proxies) {
        this.peer = peer.getHostAddress();
        this.scheme = scheme;
        this.proxies = proxies;
        this.said = proxies.trust(peer) ? new SaidOrigin() : null;
        this.origin = Origin.direct(this.peer, scheme, host);
    }

    private static Map<String, Meaning> meanings() {
        Map<String, Meaning> meanings = new HashMap<>();
        HeaderRules.HOP_BY_HOP.forEach(name -> meanings.put(name, Meaning.NOT_FOR_CONTAINERS));
        HeaderRules.OURS.forEach(name -> meanings.put(name, Meaning.NOT_FOR_CONTAINERS));
        SaidOrigin.NAMES.forEach(name -> meanings.put(name, Meaning.ORIGIN));
        meanings.put("x-hearth-receipt", Meaning.RECEIPT);
        meanings.put(PassedOn.HEADER, Meaning.PASSED_ON);
        meanings.put("accept", Meaning.ACCEPT);
        meanings.put("cookie", Meaning.COOKIE);
        meanings.put("traceparent", Meaning.TRACEPARENT);
        meanings.put("tracestate", Meaning.TRACESTATE);
        return meanings;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads the head that begins at the buffer's reader index. */
    void read(ByteBuf in, RequestFraming framing) {
        int start = in.readerIndex();
        Head head = framing.head();
        method = method(in, start, head.methodEnd());
        targetStart = head.targetStart();
        targetEnd = head.targetEnd();
        accept = null;
        traceparent = null;
        tracestate = null;
        wantsReceipt = false;
        namesInstance = false;
        passedOn = false;
        passes = 0;
        FieldLines fields = framing.fields();
        for (int i = 0; i < fields.count(); i++) {
            field(in, start, fields, i);
        }
        origin(in, start + head.hostStart(), head.hostLength());
    }

    private void field(ByteBuf in, int start, FieldLines fields, int i) {
        int from = start + fields.start(i);
        int value = start + fields.valueStart(i);
        int end = start + fields.end(i);
        switch (MEANINGS.meaning(in, from, start + fields.nameEnd(i))) {
            case PASSES -> pass(fields.start(i), fields.end(i));
            case NOT_FOR_CONTAINERS -> {}
            case ORIGIN -> {
                if (said != null) {
                    String name = text(in, from, start + fields.nameEnd(i));
                    said.add(name.toLowerCase(Locale.ROOT), text(in, value, end));
                }
            }
            case RECEIPT -> wantsReceipt = true;
            case PASSED_ON -> passedOn = true;
            case ACCEPT -> {
                accept = accept == null ? text(in, value, end) : accept;
                pass(fields.start(i), fields.end(i));
            }
            case COOKIE -> {
                namesInstance |= contains(in, value, end, AFFINITY);
                pass(fields.start(i), fields.end(i));
            }
            case TRACEPARENT ->
                    traceparent = traceparent == null ? text(in, value, end) : traceparent;
            case TRACESTATE -> tracestate = tracestate == null ? text(in, value, end) : tracestate;
        }
    }

    private void pass(int from, int to) {
        if (passes * 2 == passing.length) {
            passing = Arrays.copyOf(passing, passing.length * 2);
        }
        passing[passes * 2] = from;
        passing[passes * 2 + 1] = to;
        passes++;
    }

    private static boolean contains(ByteBuf in, int from, int to, byte[] word) {
        for (int i = from; i <= to - word.length; i++) {
            int same = 0;
            while (same < word.length && in.getByte(i + same) == word[same]) {
                same++;
            }
            if (same == word.length) {
                return true;
            }
        }
        return false;
    }

    private static String method(ByteBuf in, int start, int length) {
        if (is(in, start, length, GET)) {
            return "GET";
        }
        if (is(in, start, length, POST)) {
            return "POST";
        }
        return is(in, start, length, HEAD) ? "HEAD" : text(in, start, start + length);
    }

    private static boolean is(ByteBuf in, int from, int length, byte[] word) {
        if (length != word.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (in.getByte(from + i) != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(ByteBuf in, int from, int to) {
        return in.toString(from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Most connections ask for one host only, and none that matters is told of by its headers. */
    private void origin(ByteBuf in, int from, int length) {
        if (said == null && is(in, from, length, hostOctets)) {
            return;
        }
        host = text(in, from, from + length);
        hostOctets = ascii(host);
        if (said == null) {
            origin = Origin.direct(peer, scheme, host);
        } else {
            origin = said.origin(peer, scheme, host, proxies);
            said.clear();
        }
        forwarded =
                ascii(
                        "Host: "
                                + host
                                + "\r\nX-Forwarded-For: "
                                + origin.forwardedFor()
                                + "\r\nX-Forwarded-Proto: "
                                + origin.scheme()
                                + "\r\nX-Forwarded-Host: "
                                + origin.host()
                                + "\r\nForwarded: "
                                + origin.forwarded()
                                + "\r\n");
    }

    /**
     * Writes the head that the container gets.
     *
     * @param in the head that was read, from the same reader index
     */
    void write(ByteBuf in, TraceContext trace, ByteBuf out) {
        int start = in.readerIndex();
        out.writeBytes(in, start, targetEnd).writeBytes(HTTP).writeBytes(forwarded);
        out.writeBytes(REQUEST_ID);
        String id = origin.requestId();
        out.writeCharSequence(id == null ? trace.traceId() : id, StandardCharsets.US_ASCII);
        out.writeBytes(TRACEPARENT);
        out.writeCharSequence(trace.traceparent(), StandardCharsets.US_ASCII);
        String state = trace.tracestate();
        if (state != null) {
            out.writeBytes(TRACESTATE);
            out.writeCharSequence(state, StandardCharsets.ISO_8859_1);
        }
        out.writeBytes(CLOUD_TRACE);
        out.writeCharSequence(trace.cloud(), StandardCharsets.US_ASCII);
        out.writeBytes(END_OF_LINE);
        for (int i = 0; i < passes; i++) {
            int from = passing[i * 2];
            out.writeBytes(in, start + from, passing[i * 2 + 1] - from).writeBytes(END_OF_LINE);
        }
        out.writeBytes(END_OF_LINE);
    }

    /** Octets that {@code write} adds at the most to those of the head. */
    int grows() {
        return forwarded.length + 384;
    }

    /** As it came; it names the span too. */
    String method() {
        return method;
    }

    /** Without the query. */
    String path(ByteBuf in) {
        String target = text(in, in.readerIndex() + targetStart, in.readerIndex() + targetEnd);
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    String host() {
        return host;
    }

    /** Where it comes from. */
    Origin origin() {
        return origin;
    }

    @Nullable String accept() {
        return accept;
    }

    @Nullable String traceparent() {
        return traceparent;
    }

    @Nullable String tracestate() {
        return tracestate;
    }

    /** Whether the client asks where the time of its request goes. */
    boolean wantsReceipt() {
        return wantsReceipt;
    }

    /** Whether another gateway says something of it. */
    boolean isPassedOn() {
        return passedOn;
    }

    /** Whether there is a cookie in it that no container may see. */
    boolean namesInstance() {
        return namesInstance;
    }
}
