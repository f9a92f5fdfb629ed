package dev.hearth.bench.fleet;

import dev.hearth.contracts.Clock;
import java.time.Instant;

/** A clock that stands until it is moved. */
final class SimulatedClock implements Clock {
    private static final long BEGIN_MILLIS = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private long millis;

    void advance(long by) {
        millis += by;
    }

    long epochMillis() {
        return BEGIN_MILLIS + millis;
    }

    @Override
    public Instant now() {
        return Instant.ofEpochMilli(epochMillis());
    }

    @Override
    public long nanos() {
        return millis * 1_000_000;
    }
}
