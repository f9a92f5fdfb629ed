package dev.hearth.runtime.slot;

import dev.hearth.contracts.Clock;

/**
 * When nobody is starting anything, so that work done ahead does not compete with the starts that
 * it is for. Safe from any thread.
 */
public final class QuietTime implements AutoCloseable {
    /** Without a start for this long it is quiet. */
    private static final long QUIET_NANOS = 50_000_000;

    /** Starts that never pause must not keep it from being done for ever. */
    private static final long LONGEST_WAIT_NANOS = 1_000_000_000;

    private final Clock clock;

    // guarded by this
    private long lastStartNanos;
    private boolean closed;

    public QuietTime(Clock clock) {
        this.clock = clock;
        this.lastStartNanos = clock.nanos() - QUIET_NANOS;
    }

    /** Somebody starts something. */
    public synchronized void disturb() {
        lastStartNanos = clock.nanos();
    }

    /** Returns when it is quiet, after a second at most, or when it is closed. */
    public synchronized void await() throws InterruptedException {
        long begun = clock.nanos();
        while (!closed) {
            long now = clock.nanos();
            long quietIn = QUIET_NANOS - (now - lastStartNanos);
            long patience = LONGEST_WAIT_NANOS - (now - begun);
            if (quietIn <= 0 || patience <= 0) {
                return;
            }
            wait(Math.min(quietIn, patience) / 1_000_000 + 1);
        }
    }

    /** Nobody waits any more. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
