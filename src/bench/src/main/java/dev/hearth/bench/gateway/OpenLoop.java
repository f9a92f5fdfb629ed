package dev.hearth.bench.gateway;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.report.Latencies;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a rate of their own, however long the answers take: an open model, like users who do
 * not know of each other.
 *
 * <p>The times between requests are exponential, from the same seed for everybody. A latency is
 * from the moment the request was due, so one that had to wait for a connection, or for this
 * program, counts that wait (no coordinated omission; Schroeder and others, "Open Versus Closed: A
 * Cautionary Tale", 2006).
 *
 * <p>Concurrency: the calling thread sends, another reads. A connection is in {@code free} or has
 * one request under way; {@code nanos} belongs to the reading thread until it has ended.
 */
final class OpenLoop implements AutoCloseable {
    private static final int CONNECTIONS = 128;
    private static final long SEED = 20_261_124;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long SELECT_MILLIS = 100;

    private final LinkedBlockingQueue<KeptConnection> free = new LinkedBlockingQueue<>();
    private final List<KeptConnection> all = new ArrayList<>();
    private final Contestant to;
    private final Clock clock;
    private final Selector selector;
    private final long[] nanos;
    private volatile int answered;
    private volatile long wrong;

    private OpenLoop(Contestant to, int requests, Clock clock) throws IOException {
        this.to = to;
        this.clock = clock;
        this.nanos = new long[requests];
        this.selector = Selector.open();
    }

    /** Returns when all are answered. */
    static Load run(Contestant to, double perSecond, int seconds, Clock clock)
            throws InterruptedException {
        int requests = (int) Math.max(1, perSecond * seconds);
        try (OpenLoop loop = new OpenLoop(to, requests, clock)) {
            return loop.run(perSecond);
        } catch (IOException e) {
            throw new BenchFailure(to.name() + " did not answer at a fixed rate: " + e, e);
        }
    }

    private Load run(double perSecond) throws IOException, InterruptedException {
        for (int i = 0; i < CONNECTIONS; i++) {
            all.add(KeptConnection.watched(to, selector));
        }
        free.addAll(all);
        Thread reader = Thread.ofPlatform().daemon().name("answers").start(this::read);
        long cpu = to.cpuMicros();
        long begun = clock.nanos();
        send(perSecond, begun);
        reader.join(DEADLINE);
        if (reader.isAlive()) {
            throw new BenchFailure(
                    to.name() + " left requests without an answer: " + (nanos.length - answered));
        }
        long took = clock.nanos() - begun;
        cpu = to.cpuMicros() - cpu;
        Latencies latencies = new Latencies(to.name(), Arrays.copyOf(nanos, answered));
        return new Load(
                answered * 1e9 / took,
                latencies.millis(50) * 1e3,
                latencies.millis(99) * 1e3,
                answered,
                wrong,
                cpu);
    }

    private void send(double perSecond, long begun) throws IOException, InterruptedException {
        wakePunctually();
        SplittableRandom random = new SplittableRandom(SEED);
        double due = begun;
        for (int i = 0; i < nanos.length; i++) {
            due += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
            long wait;
            while ((wait = (long) due - clock.nanos()) > 0) {
                LockSupport.parkNanos(wait);
            }
            KeptConnection one = free.poll(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (one == null) {
                throw new BenchFailure(to.name() + " answered nothing for " + DEADLINE);
            }
            one.send((long) due);
        }
    }

    /**
     * The kernel lets a sleep last 50 µs longer than asked for, which would be most of a latency:
     * proc(5), {@code timerslack_ns}, takes threads' numbers too.
     */
    private static void wakePunctually() throws IOException {
        Path thread = Path.of("/proc/thread-self").toRealPath().getFileName();
        Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
    }

    private void read() {
        try {
            while (answered + wrong < nanos.length && selector.isOpen()) {
                selector.select(
                        key -> {
                            if (key.attachment() instanceof KeptConnection one) {
                                answer(one);
                            }
                        },
                        SELECT_MILLIS);
            }
        } catch (ClosedSelectorException over) {
            return; // the sender gave up, and says why
        } catch (IOException e) {
            throw new BenchFailure("the answers cannot be read: " + e, e);
        }
    }

    private void answer(KeptConnection one) {
        try {
            if (one.isAnswered()) {
                long now = clock.nanos();
                nanos[answered] = now - one.dueNanos();
                answered++;
                free.add(one);
            }
        } catch (IOException broken) {
            wrong++; // reported; the connection is not used again
            one.close();
        }
    }

    @Override
    public void close() throws IOException {
        all.forEach(KeptConnection::close);
        selector.close();
    }
}
