package dev.hearth.gateway.demand;

import dev.hearth.contracts.Clock;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measures a revision's concurrency, waiting requests included, without a lock or a list.
 *
 * <p>The integral of the number of active requests over time is Σ(end − start) over the ended ones
 * plus Σ(now − start) over the active ones. Adding −start at each begin and +end at each end keeps
 * {@code sum}; then the integral up to now is {@code sum + active × now}. Its growth over a tick,
 * divided by the tick, is the average. (Two requests, one from 0 to 4 s, one from 2 s on; at 6 s:
 * −0 + 4 − 2 + 1 × 6 = 8 request-seconds.)
 */
public final class DemandMeter {
    private final Clock clock;
    private final LongAdder sum = new LongAdder();
    private final LongAdder active = new LongAdder();
    private volatile long lastEndNanos;
    private long lastNanos;
    private long lastIntegral;

    DemandMeter(Clock clock, long beganNanos) {
        this.clock = clock;
        this.lastNanos = beganNanos;
        this.lastEndNanos = beganNanos;
    }

    public DemandMeter(Clock clock) {
        this(clock, clock.nanos());
    }

    /** A request arrived. */
    public void begin() {
        sum.add(-clock.nanos());
        active.increment();
    }

    /** A request is over. */
    public void end() {
        long now = clock.nanos();
        sum.add(now);
        lastEndNanos = now;
        active.decrement();
    }

    /** Whether a request is active, or was at any time in the last {@code nanos}. */
    public boolean wasActiveWithin(long nanos) {
        return active.sum() > 0 || clock.nanos() - lastEndNanos < nanos;
    }

    /**
     * What a tick saw.
     *
     * @param concurrency average number of active requests
     */
    public record Tick(long spanNanos, double concurrency) {}

    /** The average since the last call; for one caller. */
    public Tick tick() {
        long now = clock.nanos();
        long integral = sum.sum() + active.sum() * now;
        long span = Math.max(1, now - lastNanos);
        double average = Math.max(0, (double) (integral - lastIntegral) / span);
        lastNanos = now;
        lastIntegral = integral;
        return new Tick(span, average);
    }

    /** Requests in flight and waiting now. */
    public long active() {
        return active.sum();
    }
}
