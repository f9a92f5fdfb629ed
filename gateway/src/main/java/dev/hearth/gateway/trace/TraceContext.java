package dev.hearth.gateway.trace;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context handed to the container (w3.org/TR/trace-context, version 00).
 *
 * @param traceparent {@code 00-TRACE-SPAN-FLAGS}
 * @param tracestate passed on as it came, or null
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {
    private static final Pattern VALID =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final int LONGEST_STATE = 512;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    /** The client's context when it is a valid one, else a new, unsampled one. */
    public static TraceContext of(@Nullable String traceparent, @Nullable String tracestate) {
        if (isValid(traceparent) && traceparent != null) {
            boolean keep = tracestate != null && tracestate.length() <= LONGEST_STATE;
            return new TraceContext(traceparent, keep ? tracestate : null);
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        char[] text = "00-00000000000000000000000000000000-0000000000000000-00".toCharArray();
        hex(text, 3, random.nextLong());
        hex(text, 19, random.nextLong() | 1); // never all zero
        hex(text, 36, random.nextLong() | 1);
        return new TraceContext(new String(text), null);
    }

    static boolean isValid(@Nullable String traceparent) {
        return traceparent != null
                && traceparent.length() == 55
                && VALID.matcher(traceparent).matches();
    }

    /** The 32 digits that name the trace; also a request's id where the client gave none. */
    public String traceId() {
        return traceparent.substring(3, 35);
    }

    /**
     * The same as {@code TRACE/SPAN;o=SAMPLED}, the span in decimal, which libraries of Google
     * Cloud read from {@code X-Cloud-Trace-Context}.
     */
    public String cloud() {
        return traceId()
                + "/"
                + Long.toUnsignedString(Long.parseUnsignedLong(traceparent, 36, 52, 16))
                + ((Character.digit(traceparent.charAt(54), 16) & 1) == 1 ? ";o=1" : ";o=0");
    }

    private static void hex(char[] text, int at, long bits) {
        for (int i = 0; i < 16; i++) {
            text[at + i] = HEX[(int) (bits >>> (60 - 4 * i)) & 15];
        }
    }
}
