package dev.hearth.gateway.limit;

import dev.hearth.contracts.RateLimit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket in one number: the Generic Cell Rate Algorithm, as a virtual schedule (ITU-T
 * I.371, annex A; also RFC 2697's committed rate with its burst).
 *
 * <p>The number is the theoretical arrival time (TAT) of the next request at the full rate. One may
 * come earlier by as much as a whole burst takes. Worked: 2 requests a second with a burst of 3
 * give an interval of 500 ms and a tolerance of 1000 ms; three come at once (TAT 500, 1000, 1500
 * ms), the fourth waits until 1500 - 1000 = 500 ms.
 *
 * <p>Concurrency: lock-free, and exact: whoever is admitted has moved the number by one interval.
 */
class TokenBucket {
    private final long intervalNanos;
    private final long toleranceNanos;
    private final AtomicLong tat;

    /** Full at {@code nowNanos}; the limit must be one. */
    TokenBucket(RateLimit limit, long nowNanos) {
        // rounded up, so that never more come than were allowed
        intervalNanos = Math.ceilDiv(limit.per().toNanos(), limit.requests());
        toleranceNanos = (limit.burst() - 1) * intervalNanos;
        tat = new AtomicLong(nowNanos);
    }

    /**
     * Takes a token: 0 when there was one, else the nanoseconds until there will be.
     *
     * @param nowNanos of the monotonic clock, whose values may wrap
     */
    long take(long nowNanos) {
        while (true) {
            long planned = tat.get();
            long ahead = Math.max(0, planned - nowNanos);
            if (ahead > toleranceNanos) {
                return ahead - toleranceNanos;
            }
            if (tat.compareAndSet(planned, nowNanos + ahead + intervalNanos)) {
                return 0;
            }
        }
    }

    /** How long until it is full, and so the same as one that was never used; 0 when it is. */
    final long nanosToFull(long nowNanos) {
        return Math.max(0, tat.get() - nowNanos);
    }
}
