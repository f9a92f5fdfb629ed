package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.usage.Meter;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An instance in the gateway's eyes: how many requests are in it, and whether it takes more.
 *
 * <p>Concurrency: one atomic number holds both, the draining mark in its top bit, so that no
 * request can slip into an instance that was just told to drain.
 */
final class Member {
    private static final int DRAINING = 1 << 30;

    private final StartedInstance instance;
    private final int limit;
    private final String affinity;
    private final AtomicInteger state = new AtomicInteger();
    private final BusyTime busy = new BusyTime();
    private final Meter meter;
    private final Clock clock;
    private volatile @Nullable StopReason drainReason;
    private volatile long drainDeadlineNanos;
    private final Rest rest;
    private volatile long emptySinceNanos;

    /**
     * @param limit requests at a time; 0 for no limit
     * @param affinity its name in clients' cookies; empty when they get none
     * @param meter of its revision
     * @param rest where it stands on the warm ladder
     */
    Member(
            StartedInstance instance,
            int limit,
            String affinity,
            Meter meter,
            Clock clock,
            Rest rest) {
        this.rest = rest;
        this.emptySinceNanos = clock.nanos();
        this.meter = meter;
        this.clock = clock;
        this.affinity = affinity;
        this.instance = instance;
        this.limit = limit == 0 ? Integer.MAX_VALUE : limit;
    }

    StartedInstance instance() {
        return instance;
    }

    String affinity() {
        return affinity;
    }

    InstanceId id() {
        return instance.id();
    }

    /** Requests in it now. */
    int inFlight() {
        return state.get() & ~DRAINING;
    }

    boolean isDraining() {
        return (state.get() & DRAINING) != 0;
    }

    /** Takes a place; false when it is full or draining. */
    boolean acquire() {
        while (true) {
            int now = state.get();
            if (now >= Math.min(limit, DRAINING - 1)) {
                return false; // draining counts as full: its bit is above every limit
            }
            if (state.compareAndSet(now, now + 1)) {
                if (now == 0) {
                    busy.begin(clock.nanos());
                }
                return true;
            }
        }
    }

    /** Gives a place back; true when it drains and this was the last one. */
    boolean release() {
        int left = state.decrementAndGet();
        if ((left & ~DRAINING) == 0) {
            long now = clock.nanos();
            emptySinceNanos = now;
            bill(busy.end(now));
        }
        return left == DRAINING;
    }

    /** It starts or stops, which is billed; {@link #pausesBilled} when that is over. */
    void beginsBilled(long sinceNanos) {
        busy.begin(sinceNanos);
    }

    void pausesBilled() {
        bill(busy.end(clock.nanos()));
    }

    /** Bills what is under way up to now, so that a process that dies takes little of it along. */
    void billSoFar() {
        if (inFlight() > 0) {
            bill(busy.goOn(clock.nanos()));
        }
    }

    private void bill(long nanos) {
        meter.billed(nanos);
    }

    /** Lets nobody in any more; true when it is empty already. */
    boolean drain(StopReason reason, long deadlineNanos) {
        drainReason = reason;
        drainDeadlineNanos = deadlineNanos;
        return state.getAndUpdate(s -> s | DRAINING) == 0;
    }

    /** As {@link #drain}, if no request is in it; whether that was so. */
    boolean drainIfEmpty(StopReason reason, long deadlineNanos) {
        if (!state.compareAndSet(0, DRAINING)) {
            return false;
        }
        drainReason = reason;
        drainDeadlineNanos = deadlineNanos;
        return true;
    }

    StopReason drainReason() {
        StopReason reason = drainReason;
        return reason == null ? StopReason.SCALED_DOWN : reason;
    }

    boolean isDrainOver(long nowNanos) {
        return isDraining() && drainDeadlineNanos - nowNanos <= 0;
    }

    /** Where it stands on the warm ladder. */
    Rest rest() {
        return rest;
    }

    /** How long no request has been in it, if none is; since its start when there never was one. */
    long emptyNanos() {
        return clock.nanos() - emptySinceNanos;
    }
}
