package dev.hearth.testing;

import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it. Safe from any thread. */
public final class ManualClock implements Clock {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong offsetNanos = new AtomicLong();
    private final Instant begin = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant now() {
        return begin.plusNanos(nanos.get() + offsetNanos.get());
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    /** Somebody puts the clock on the wall back; no time passes. */
    public void setBack(Duration by) {
        offsetNanos.addAndGet(-by.toNanos());
    }

    /** Lets time pass. */
    public void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
    }
}
