package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.runtime.probe.Attempt;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until a port takes a connection, by trying: a refused connection to a local veth costs some
 * 30 µs, so it can be tried every fraction of a millisecond while it matters, and less often the
 * longer it takes (the wait added is at most about a tenth of the time that passed). A startup
 * probe is tried as often at first, and at least once a period.
 */
final class Readiness {
    /**
     * Of one try. A program with a full backlog answers nothing, and a new try is better than the
     * kernel's own, which comes after a second (RFC 6298).
     */
    static final long CONNECT_MILLIS = 10;

    private static final long SHORTEST_NANOS = 50_000;
    private static final long LONGEST_NANOS = 20_000_000;

    /** Of what starts slowly nobody knows how long it takes: others need not wait for it. */
    private static final long SLOW_NANOS = 10_000_000;

    /** How the wait ended. */
    enum Outcome {
        READY,
        ENDED,
        TIMED_OUT
    }

    private Readiness() {}

    /**
     * @param port what shows that it is ready
     * @param ended whether the process is gone, so that waiting on is useless
     * @param slow told, again and again, that this is one of those that take longer
     */
    static Outcome await(
            Attempt port, Duration deadline, BooleanSupplier ended, Runnable slow, Clock clock)
            throws IOException {
        long begun = clock.nanos();
        while (true) {
            boolean connected = port.succeeds();
            if (ended.getAsBoolean()) {
                return Outcome.ENDED;
            }
            if (connected) {
                return Outcome.READY;
            }
            long passed = clock.nanos() - begun;
            if (passed > deadline.toNanos()) {
                return Outcome.TIMED_OUT;
            }
            if (passed > SLOW_NANOS) {
                slow.run();
            }
            LockSupport.parkNanos(Math.clamp(passed / 10, SHORTEST_NANOS, LONGEST_NANOS));
        }
    }
}
