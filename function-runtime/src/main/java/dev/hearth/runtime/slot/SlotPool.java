package dev.hearth.runtime.slot;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps some slots ready. What is taken is made again in the background, one at a time and in quiet
 * moments, so that refilling does not compete with the starts it is for; when none is left the
 * caller makes its own, which is slower but always correct.
 *
 * <p>Concurrency: the ready slots are guarded by the pool's monitor, which is never held while a
 * slot is made or freed; one thread refills.
 */
public final class SlotPool implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SlotPool.class);

    /** Of the machine's memory, for each slot: one takes 0.9 MiB (Linux 6.18, half of it slabs). */
    private static final long BYTES_PER_SLOT = 64L << 20;

    private static final int LEAST = 4;
    private static final int MOST = 128;

    /** Starts that never pause must not empty the pool for ever. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final long AFTER_FAILURE_MILLIS = 1_000;

    /** Between two slots, once there are a few, so that making many leaves the CPUs to others. */
    private static final long PAUSE_MILLIS = 20;

    private final SlotMaker maker;
    private final int size;
    private final QuietTime quiet;
    private final Clock clock;

    // guarded by the monitor
    private final Deque<Slot> ready = new ArrayDeque<>();
    private boolean closed;

    /**
     * @param size how many to keep ready; 0 makes every slot when it is asked for
     */
    public SlotPool(SlotMaker maker, int size, QuietTime quiet, Clock clock) {
        this.maker = maker;
        this.size = size;
        this.quiet = quiet;
        this.clock = clock;
    }

    /**
     * How many slots a machine with this much memory keeps: enough for a burst of a hundred, where
     * they take no more than 1.5 % of it.
     */
    public static int usualSize(long memoryBytes) {
        return Math.toIntExact(Math.clamp(memoryBytes / BYTES_PER_SLOT, LEAST, MOST));
    }

    /** Begins to fill it. */
    public void open() {
        Thread.ofVirtual().name("slot-maker").start(this::fill);
    }

    /** A slot nobody used before. */
    public Slot take() throws IOException {
        Optional<Slot> slot = poll();
        while (slot.isPresent() && !maker.isAlive(slot.get())) {
            maker.free(slot.get()); // it ended between its making and our taking note
            slot = poll();
        }
        return slot.isPresent() ? slot.get() : maker.make();
    }

    private synchronized Optional<Slot> poll() {
        return Optional.ofNullable(ready.poll());
    }

    /** Makes up for what was taken; not done by {@link #take}, where a start would wait for it. */
    public synchronized void refill() {
        notifyAll();
    }

    private void fill() {
        try {
            while (awaitNeed()) {
                try {
                    if (keep(maker.make()) > LEAST) {
                        pause(PAUSE_MILLIS);
                    }
                } catch (IOException | RuntimeException e) {
                    LOG.warnf(
                            "no slot could be made ahead, the next start makes its own: %s",
                            e.getMessage());
                    pause(AFTER_FAILURE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until one is missing and it is quiet; false when the pool is closed. */
    private boolean awaitNeed() throws InterruptedException {
        synchronized (this) {
            while (!closed && ready.size() >= size) {
                wait();
            }
        }
        quiet.await(clock.nanos(), PATIENCE);
        return !isClosed();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void pause(long millis) throws InterruptedException {
        if (!closed) {
            wait(millis);
        }
    }

    /** How many wait now. */
    public synchronized int free() {
        return ready.size();
    }

    /** Returns how many there are now. */
    private synchronized int keep(Slot slot) {
        ready.add(slot); // of a closed pool it is drained
        return ready.size();
    }

    /** Forgets a parked slot whose process ended by itself; true when it was one of the pool's. */
    public boolean lost(int slotNumber) throws IOException {
        Optional<Slot> lost = forget(slotNumber);
        if (lost.isPresent()) {
            maker.free(lost.get());
        }
        return lost.isPresent();
    }

    private synchronized Optional<Slot> forget(int slotNumber) {
        Optional<Slot> slot = ready.stream().filter(s -> s.number() == slotNumber).findFirst();
        slot.ifPresent(ready::remove);
        notifyAll();
        return slot;
    }

    /** Makes no more; what is ready dies with the launcher and is freed by {@link #drain}. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Frees the slots that were never used, after their processes were killed. */
    public void drain() throws IOException {
        for (Optional<Slot> slot = poll(); slot.isPresent(); slot = poll()) {
            maker.free(slot.get());
        }
    }
}
