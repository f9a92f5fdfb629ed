package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.Durations;
import java.time.Duration;

/**
 * How long a revision's last instance rests before it stops, and why, for people.
 *
 * @param untilMillis of idleness; the greatest number for as long as it is so
 * @param why for people, after "no request for …"
 */
record Rest(long untilMillis, String why) {
    /** Not worth being kept, it is kept for so long all the same: requests come in pairs. */
    static final long LEAST_MILLIS = 5_000;

    /** As the owner has said. */
    static Rest said(Spec spec) {
        String limit = Durations.format(Duration.ofMillis(spec.zeroAfterMillis()));
        return new Rest(spec.zeroAfterMillis(), "kept until " + limit);
    }

    /**
     * As long as it is worth its memory, minute by minute.
     *
     * @param idleMillis since the last request
     */
    static Rest learned(Expectation next, long idleMillis, Spec spec) {
        return next.isWorth(idleMillis)
                ? new Rest(
                        Long.MAX_VALUE,
                        "for " + next.cost() + " the next one is likely enough to wait for")
                : new Rest(
                        LEAST_MILLIS + spec.rules().downDelay().toMillis(),
                        "for " + next.cost() + " the next one is not likely enough to wait for");
    }
}
