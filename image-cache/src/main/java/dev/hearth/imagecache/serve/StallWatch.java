package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends the calls of clients that stop sending or taking: the JDK's server has no limit of its own
 * for that, so that each would hold its place for ever.
 *
 * <p>A thread that waits for its client too long is interrupted, which closes the connection
 * ({@link java.nio.channels.InterruptibleChannel}); interrupted only while it waits, so that
 * nothing else of it is disturbed.
 */
final class StallWatch implements AutoCloseable {
    /** A client that sends this few bytes in a whole span is as good as one that sends none. */
    private static final int FEWEST_BYTES = 4096;

    private final Duration span;
    private final Clock clock;
    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("registry-stalls").factory());

    /**
     * @param span that a client may let us wait
     */
    StallWatch(Duration span, Clock clock) {
        this.span = span;
        this.clock = clock;
        long every = Math.clamp(span.toMillis() / 4, 1, 1000);
        thread.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MILLISECONDS);
    }

    /** One wait for the network. */
    interface Step<T> {
        T run() throws IOException;
    }

    private static final class Wait {
        private final Thread waiting = Thread.currentThread();
        private final long endNanos;
        private boolean over; // guarded by this
        private boolean interrupted; // guarded by this

        Wait(long endNanos) {
            this.endNanos = endNanos;
        }

        synchronized void interrupt() {
            if (!over) {
                interrupted = true;
                waiting.interrupt();
            }
        }

        synchronized boolean end() {
            over = true;
            return interrupted;
        }
    }

    /** Runs a step; fails with an IOException when it takes longer than the span. */
    <T> T within(Step<T> step) throws IOException {
        Wait wait = new Wait(clock.nanos() + span.toNanos());
        waits.add(wait);
        try {
            return step.run();
        } finally {
            waits.remove(wait);
            if (wait.end()) {
                Thread.interrupted(); // ours; the connection is closed, the thread goes on
            }
        }
    }

    /** A request's body, of which enough has to come in each span. */
    InputStream body(InputStream body) {
        return new Body(body);
    }

    private void look() {
        long now = clock.nanos();
        for (Wait wait : waits) {
            if (wait.endNanos - now < 0) {
                wait.interrupt();
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private final class Body extends FilterInputStream {
        private long begunNanos = clock.nanos();
        private long bytes;

        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public long skip(long wanted) throws IOException {
            byte[] buffer = new byte[16 * 1024];
            long left = wanted;
            for (int n = 0; left > 0 && n >= 0; left -= Math.max(0, n)) {
                n = read(buffer, 0, (int) Math.min(buffer.length, left));
            }
            return wanted - left;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            long now = clock.nanos();
            if (now - begunNanos > span.toNanos()) {
                if (bytes < FEWEST_BYTES) {
                    throw new IOException("the client sends next to nothing");
                }
                begunNanos = now;
                bytes = 0;
            }
            int n = within(() -> in.read(buffer, offset, length));
            bytes += Math.max(0, n);
            return n;
        }
    }
}
