package dev.hearth.autoscaler.decide;

import dev.hearth.autoscaler.keepalive.IdleTimes;
import dev.hearth.contracts.DemandSample;

/**
 * When a revision's requests came of late, and how long nobody came in between. Not thread-safe.
 */
public final class Pauses {
    static final long MINUTE_MILLIS = 60_000;

    private final IdleTimes times = new IdleTimes();
    private long firstMillis;
    private long lastMillis;

    /** Takes a sample in; those of one revision in order of time. */
    public void observe(DemandSample sample) {
        if (sample.concurrency() == 0 && sample.queued() == 0) {
            return;
        }
        long begin = sample.atMillis() - sample.spanMillis();
        if (lastMillis > 0) {
            add(begin - lastMillis);
        } else {
            firstMillis = begin;
        }
        lastMillis = Math.max(lastMillis, sample.atMillis());
    }

    private void add(long pauseMillis) {
        if (pauseMillis > 0) {
            times.add((int) Math.min(IdleTimes.LONGEST, pauseMillis / MINUTE_MILLIS));
        }
    }

    /**
     * Puts what was seen before this one's first request in front of it; what it has already is
     * passed over.
     *
     * @param whole whether nothing is missing between the two, so that the time between them was a
     *     pause as well
     */
    public void precededBy(Pauses earlier, boolean whole) {
        if (firstMillis > 0 && earlier.lastMillis >= firstMillis) {
            return;
        }
        times.addAll(earlier.times);
        if (firstMillis == 0) {
            lastMillis = earlier.lastMillis;
        } else if (whole && earlier.lastMillis > 0) {
            add(firstMillis - earlier.lastMillis);
        }
        firstMillis = earlier.firstMillis;
    }

    /** The lengths of all of them. */
    IdleTimes times() {
        return times;
    }

    /** How long nobody has come by then; negative when nobody ever came. */
    long idleMillis(long nowMillis) {
        return lastMillis == 0 ? -1 : nowMillis - lastMillis;
    }
}
