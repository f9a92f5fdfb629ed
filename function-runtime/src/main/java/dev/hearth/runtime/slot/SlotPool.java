package dev.hearth.runtime.slot;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Keeps some slots ready. Taking one starts a refill in the background; when none is left the
 * caller makes its own, which is slower but always correct.
 *
 * <p>Concurrency: the ready slots are a lock-free deque; one refill runs at a time.
 */
public final class SlotPool {
    private static final Logger LOG = Logger.getLogger(SlotPool.class);

    private static final long QUIET_NANOS = 50_000_000;
    private static final long LONGEST_WAIT_NANOS = 1_000_000_000;

    private final SlotMaker maker;
    private final int size;
    private final Executor background;
    private final ConcurrentLinkedDeque<Slot> ready = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean refilling = new AtomicBoolean();
    private final Clock clock;
    private volatile long lastTakeNanos;
    private volatile boolean closed;

    /**
     * @param size how many to keep ready; 0 makes every slot when it is asked for
     * @param background runs refills
     */
    public SlotPool(SlotMaker maker, int size, Executor background, Clock clock) {
        this.maker = maker;
        this.size = size;
        this.background = background;
        this.clock = clock;
        this.lastTakeNanos = clock.nanos() - QUIET_NANOS;
    }

    /** A slot nobody used before. */
    public Slot take() throws IOException {
        lastTakeNanos = clock.nanos();
        Slot slot = ready.poll();
        while (slot != null && !maker.isAlive(slot)) {
            maker.free(slot); // it ended between its making and our taking note
            slot = ready.poll();
        }
        refill();
        return slot != null ? slot : maker.make();
    }

    /** Makes what is missing, in the background. */
    public void refill() {
        if (!closed && ready.size() < size && refilling.compareAndSet(false, true)) {
            background.execute(this::refillNow);
        }
    }

    private void refillNow() {
        try {
            awaitQuiet();
            while (!closed && ready.size() < size) {
                ready.add(maker.make());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warnf(
                    "no slot could be made ahead, the next start makes its own: %s",
                    e.getMessage());
        } finally {
            refilling.set(false);
        }
    }

    private void awaitQuiet() throws InterruptedException {
        long begun = clock.nanos();
        while (clock.nanos() - lastTakeNanos < QUIET_NANOS
                && clock.nanos() - begun < LONGEST_WAIT_NANOS) {
            Thread.sleep(10);
        }
    }

    /** Forgets a parked slot whose process ended by itself; true when it was one of the pool's. */
    public boolean lost(int slotNumber) throws IOException {
        for (Slot slot : ready) {
            if (slot.number() == slotNumber && ready.remove(slot)) {
                maker.free(slot);
                return true;
            }
        }
        return false;
    }

    /** Makes no more; what is ready dies with the launcher and is freed by {@link #drain}. */
    public void close() {
        closed = true;
    }

    /** Frees the slots that were never used, after their processes were killed. */
    public void drain() throws IOException {
        for (Slot slot = ready.poll(); slot != null; slot = ready.poll()) {
            maker.free(slot);
        }
    }
}
