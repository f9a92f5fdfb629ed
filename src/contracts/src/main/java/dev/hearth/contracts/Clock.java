package dev.hearth.contracts;

import java.time.Instant;

/**
 * The only way to ask what time it is, so that a test can answer instead of the machine.
 *
 * <p>{@link #nanos} is for durations (monotonic, arbitrary origin); {@link #now} is for dates.
 */
public interface Clock {

    /** The date and time of day. It may jump when an operator sets the machine's clock. */
    Instant now();

    /** Nanoseconds since an arbitrary origin; never goes back. */
    long nanos();

    /** The machine's own clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /** Reads the operating system's clocks. */
    enum SystemClock implements Clock {
        INSTANCE;

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    }
}
