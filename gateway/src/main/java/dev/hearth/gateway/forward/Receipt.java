package dev.hearth.gateway.forward;

import dev.hearth.contracts.StartTimings;
import java.util.Optional;

/**
 * A receipt: a Server-Timing value (w3.org/TR/server-timing, milliseconds) that says where the time
 * of a request went. One that waited gets it always, any other when it asks.
 */
final class Receipt {
    private Receipt() {}

    /**
     * @param start of the instance that served it, when it was made meanwhile
     * @param appNanos from the hand-over to the container's first byte
     */
    static String of(long waitedNanos, Optional<StartTimings> start, long appNanos) {
        StringBuilder text = new StringBuilder(160);
        term(text, "queue", waitedNanos - start.map(StartTimings::totalNanos).orElse(0L));
        start.ifPresent(
                s -> {
                    term(text, "slot", s.slotNanos());
                    term(text, "limits", s.limitsNanos());
                    term(text, "rootfs", s.rootfsNanos());
                    term(text, "exec", s.execNanos());
                    term(text, "ready", s.readyNanos());
                });
        term(text, "app", appNanos);
        return text.toString();
    }

    /**
     * Of a request that did not wait.
     *
     * @param gatewayNanos from its arrival to the hand-over of its head to the container: the
     *     platform's share
     * @param appNanos from then to the container's first byte
     */
    static String warm(long gatewayNanos, long appNanos) {
        StringBuilder text = new StringBuilder(64);
        term(text, "queue", 0);
        term(text, "gateway", gatewayNanos);
        term(text, "app", appNanos);
        return text.toString();
    }

    /** Milliseconds with three places; written by hand, since it is on the way of a cold answer. */
    private static void term(StringBuilder text, String name, long nanos) {
        long micros = Math.max(0, nanos) / 1000;
        long fraction = micros % 1000;
        text.append(text.isEmpty() ? "" : ", ").append(name).append(";dur=").append(micros / 1000);
        text.append(fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".").append(fraction);
    }
}
