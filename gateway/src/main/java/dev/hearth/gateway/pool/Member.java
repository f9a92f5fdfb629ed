package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.usage.Tab;
import java.time.Duration;
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

    /** What is billed at least where lives are; as Cloud Run has it. */
    static final Duration LEAST_LIFE = Duration.ofMinutes(1);

    private final StartedInstance instance;
    private final int limit;
    private final String affinity;
    private final AtomicInteger state = new AtomicInteger();
    private final BusyTime busy;
    private final Tab tab;
    private final Clock clock;
    private volatile @Nullable StopReason drainReason;
    private volatile long drainDeadlineNanos;
    private final Rest rest;
    private final long hereSinceNanos;
    private volatile long emptySinceNanos;

    /**
     * @param limit requests at a time; 0 for no limit
     * @param affinity its name in clients' cookies; empty when they get none
     * @param tab where what it is billed for is put down
     * @param sinceNanos from when on that may be
     * @param rest where it stands on the warm ladder
     */
    Member(
            StartedInstance instance,
            int limit,
            String affinity,
            Tab tab,
            long sinceNanos,
            Clock clock,
            Rest rest) {
        this.rest = rest;
        this.hereSinceNanos = clock.nanos();
        this.emptySinceNanos = hereSinceNanos;
        this.tab = tab;
        this.busy = new BusyTime(new OnTab(tab), sinceNanos);
        this.clock = clock;
        this.affinity = affinity;
        this.instance = instance;
        this.limit = limit == 0 ? Integer.MAX_VALUE : limit;
    }

    private record OnTab(Tab tab) implements BusyTime.Bill {
        @Override
        public void billed(long fromNanos, long nanos) {
            tab.billed(fromNanos, nanos);
        }

        @Override
        public void idle(long fromNanos, long nanos) {
            tab.idle(fromNanos, nanos);
        }
    }

    StartedInstance instance() {
        return instance;
    }

    String affinity() {
        return affinity;
    }

    /** How long it has been ready, or this gateway's. */
    long hereNanos() {
        return clock.nanos() - hereSinceNanos;
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
            busy.end(now);
        }
        return left == DRAINING;
    }

    /** It starts or stops, which is billed; {@link #pausesBilled} when that is over. */
    void beginsBilled(long sinceNanos) {
        busy.begin(sinceNanos);
    }

    void pausesBilled() {
        busy.end(clock.nanos());
    }

    /** All of its life is billed, which began then; a minute at least. */
    void lives(long sinceNanos) {
        busy.atLeast(LEAST_LIFE.toNanos());
        busy.begin(sinceNanos);
    }

    /** It is paid for until then already. */
    void paidUntil(long nanos) {
        busy.paidUntil(nanos);
    }

    /** How much of what is paid for is still to come. */
    Duration paidAhead() {
        return Duration.ofNanos(busy.aheadNanos(clock.nanos()));
    }

    /**
     * Bills what is under way up to now, so that a process that dies takes little of it along.
     *
     * @param asMinimum whether its idle time is billed from now on
     */
    void billSoFar(boolean asMinimum) {
        busy.keep(asMinimum, clock.nanos());
    }

    /** Nothing from now on is billed here. */
    void stopBilling() {
        busy.stop(clock.nanos());
    }

    /** Where what it is billed for is put down. */
    Tab tab() {
        return tab;
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
