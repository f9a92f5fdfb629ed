package dev.hearth.testing;

import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what happens soon, but not at once. */
public final class Eventually {
    private static final Duration USUALLY = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 5;
    private static final Clock CLOCK = Clock.system();

    private Eventually() {}

    /** Returns when the condition holds; an AssertionError after ten seconds without. */
    public static void until(BooleanSupplier condition) throws InterruptedException {
        until("what was waited for happens", USUALLY, condition);
    }

    /**
     * Returns when the condition holds; an AssertionError that tells {@code what} after a while.
     */
    public static void until(String what, Duration within, BooleanSupplier condition)
            throws InterruptedException {
        long begun = CLOCK.nanos();
        while (!condition.getAsBoolean()) {
            if (CLOCK.nanos() - begun > within.toNanos()) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
