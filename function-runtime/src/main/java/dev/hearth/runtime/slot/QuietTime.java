package dev.hearth.runtime.slot;

import dev.hearth.contracts.Clock;
import java.time.Duration;

/**
 * When nobody is starting anything, so that what is done before or after starts does not compete
 * with them. Safe from any thread.
 */
public final class QuietTime implements AutoCloseable {
    /** Without a start for this long it is quiet. */
    private static final long QUIET_NANOS = 50_000_000;

    private final Clock clock;

    // guarded by this
    private int starting;
    private long lastStartNanos;
    private boolean closed;

    public QuietTime(Clock clock) {
        this.clock = clock;
        this.lastStartNanos = clock.nanos() - QUIET_NANOS;
    }

    /** A start begins; {@link #ended} must follow. */
    public synchronized void begun() {
        starting++;
    }

    /** A start is over, whatever came of it. */
    public synchronized void ended() {
        starting--;
        lastStartNanos = clock.nanos();
    }

    /**
     * Returns when it is quiet, or when it is closed; starts that never pause do not keep it for
     * longer than the patience allows.
     *
     * @param sinceNanos when the patience began, by the clock
     */
    public synchronized void await(long sinceNanos, Duration patience) throws InterruptedException {
        while (!closed) {
            long now = clock.nanos();
            long quietIn = starting > 0 ? QUIET_NANOS : QUIET_NANOS - (now - lastStartNanos);
            long left = patience.toNanos() - (now - sinceNanos);
            if (quietIn <= 0 || left <= 0) {
                return;
            }
            wait(Math.min(quietIn, left) / 1_000_000 + 1);
        }
    }

    /** Nobody waits any more. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
