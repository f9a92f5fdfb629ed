package dev.hearth.gateway.access;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;

/**
 * Tokens that nobody has, in the last second: when they are many, the database is not asked for any
 * more of them, so that guessing does not take it from others. (That a guess succeeds need not be
 * feared: a token has 256 random bits.)
 *
 * <p>Concurrency: guarded by the monitor.
 */
final class Guesses {
    private static final int MOST = 50;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Clock clock;
    private long begin;
    private int count;

    Guesses(Clock clock) {
        this.clock = clock;
        this.begin = clock.nanos();
    }

    synchronized void count() {
        move();
        count++;
    }

    synchronized boolean areTooMany() {
        move();
        return count >= MOST;
    }

    private void move() {
        long now = clock.nanos();
        if (now - begin >= SECOND_NANOS) {
            begin = now;
            count = 0;
        }
    }

    static HearthException refusal() {
        return new HearthException(
                ErrorKind.EXHAUSTED,
                "too-many-guesses",
                "more than "
                        + MOST
                        + " tokens that nobody has came within a second; try again in a second, or"
                        + " with the platform's own admin token");
    }
}
