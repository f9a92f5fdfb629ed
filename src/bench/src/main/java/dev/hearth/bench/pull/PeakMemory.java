package dev.hearth.bench.pull;

import dev.hearth.bench.machine.Processes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The most memory that a process and all it started had at one moment: resident sets summed up,
 * looked at every 20 ms. Pages that two of them share count twice; for one process the kernel's own
 * high-water mark says the same.
 */
final class PeakMemory implements AutoCloseable {
    private static final Duration APART = Duration.ofMillis(20);

    private final long root;
    private final AtomicLong most = new AtomicLong();
    private final Thread thread;

    /** Watches from now on. */
    PeakMemory(long root) {
        this.root = root;
        this.thread = Thread.ofPlatform().daemon().name("peak-memory").start(this::watch);
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                most.accumulateAndGet(now(root), Math::max);
                Thread.sleep(APART);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it has at this moment; bytes. */
    static long now(long root) {
        return Processes.tree(root).stream().mapToLong(Processes::resident).sum();
    }

    /** Bytes. */
    long most() {
        return most.get();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
