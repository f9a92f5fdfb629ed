package dev.hearth.autoscaler.decide;

import dev.hearth.autoscaler.keepalive.IdleTimes;
import dev.hearth.autoscaler.keepalive.KeepAlive;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.Durations;
import java.time.Duration;
import java.util.Locale;

/**
 * How long a revision's last instance rests before it stops, and why, for people.
 *
 * @param untilMillis of idleness
 * @param why for people, after "no request for …"
 */
record Rest(long untilMillis, String why) {
    /** Not worth being kept, it is kept for so long all the same: requests come in pairs. */
    static final long LEAST_MILLIS = 5_000;

    private static final long MINUTE_MILLIS = 60_000;
    private static final double GIB = 1 << 30;

    /** As the owner has said. */
    static Rest said(Spec spec) {
        String limit = Durations.format(Duration.ofMillis(spec.zeroAfterMillis()));
        return new Rest(spec.zeroAfterMillis(), "kept until " + limit);
    }

    /**
     * As long as it is worth its memory, minute by minute.
     *
     * @param idleMillis so far
     */
    static Rest learned(IdleTimes times, DemandSample newest, long idleMillis, Spec spec) {
        // what is set aside for it, of which it may use less
        long memoryBytes = newest.bounds().memoryBytes();
        double startSeconds = newest.startMillis() / 1000;
        int minute = (int) Math.min(IdleTimes.LONGEST + 1L, idleMillis / MINUTE_MILLIS + 1);
        boolean worth =
                KeepAlive.TRAINED.forStart(startSeconds).isWorth(times, memoryBytes / GIB, minute);
        String what =
                String.format(
                        Locale.ROOT,
                        "a start of %.3f s and %d MiB",
                        startSeconds,
                        memoryBytes >> 20);
        long delay = spec.rules().downDelay().toMillis();
        return worth
                ? new Rest(
                        Math.max(minute * MINUTE_MILLIS, LEAST_MILLIS) + delay,
                        "for " + what + " the next one is likely enough to wait for")
                : new Rest(
                        LEAST_MILLIS + delay,
                        "for " + what + " the next one is not likely enough to wait for");
    }
}
