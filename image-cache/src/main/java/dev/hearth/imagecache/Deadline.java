package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** When one piece of work has to be over, or was given up. May be shared between threads. */
public final class Deadline {
    static final String GIVEN_UP = "pull-given-up";

    private final Clock clock;
    private final Duration span;
    private final long endNanos;
    private final AtomicBoolean givenUp = new AtomicBoolean();

    public Deadline(Clock clock, Duration span) {
        this.clock = clock;
        this.span = span;
        this.endNanos = clock.nanos() + span.toNanos();
    }

    /** Ends the work of all who share this at their next {@link #check}. */
    public void giveUp() {
        givenUp.set(true);
    }

    /** Zero when it is past. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, endNanos - clock.nanos()));
    }

    /**
     * Throws DEADLINE {@code pull-timeout} when it is past, and UNAVAILABLE {@code pull-given-up}
     * when given up or the thread is interrupted.
     */
    public void check(String reference) {
        if (givenUp.get() || Thread.currentThread().isInterrupted()) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    GIVEN_UP,
                    "pulling image " + reference + " was given up; try again");
        }
        if (left().isZero()) {
            throw new HearthException(
                    ErrorKind.DEADLINE,
                    "pull-timeout",
                    "pulling image "
                            + reference
                            + " took longer than "
                            + span.toSeconds()
                            + " s; try again, layers that are complete are kept");
        }
    }
}
