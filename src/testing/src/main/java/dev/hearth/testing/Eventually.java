package dev.hearth.testing;

import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what happens soon, but not at once. */
public final class Eventually {
    private static final Duration USUALLY = Duration.ofSeconds(10);

    /** Between two looks, the longer the wait has been: a look may cost a connection. */
    private static final long SHORTEST_MILLIS = 5;

    private static final long LONGEST_MILLIS = 100;

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
        until(() -> what, within, condition);
    }

    /** The same; what was waited for, and what was there instead, is asked when it did not come. */
    public static void until(Supplier<String> what, Duration within, BooleanSupplier condition)
            throws InterruptedException {
        long begun = CLOCK.nanos();
        while (!condition.getAsBoolean()) {
            long passed = CLOCK.nanos() - begun;
            if (passed > within.toNanos()) {
                throw new AssertionError("not within " + within + ": " + what.get());
            }
            Thread.sleep(Math.clamp(passed / 10_000_000, SHORTEST_MILLIS, LONGEST_MILLIS));
        }
    }
}
