package dev.hearth.gateway.wait;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A revision's parked requests, first come, first served; bounded. Its owner guards it with a lock;
 * only {@link #isEmpty} may be asked without.
 */
public final class WaitingRoom {
    private final int places;
    private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
    private volatile int size;

    /**
     * @param places the most requests that may wait
     */
    public WaitingRoom(int places) {
        this.places = places;
    }

    /** Lets one in; false when every place is taken. */
    public boolean enter(Waiter waiter) {
        if (queue.size() >= places) {
            queue.removeIf(Waiter::hasEnded);
        }
        if (queue.size() >= places) {
            return false;
        }
        queue.add(waiter);
        size = queue.size();
        return true;
    }

    /** The one who waits longest, out of the room. */
    public Optional<Waiter> next() {
        Waiter first = queue.poll();
        while (first != null && first.hasEnded()) {
            first = queue.poll();
        }
        size = queue.size();
        return Optional.ofNullable(first);
    }

    /** Puts one back in front whom nobody could serve after all. */
    public void putBack(Waiter waiter) {
        queue.addFirst(waiter);
        size = queue.size();
    }

    /** Those whose time is up, out of the room. */
    public List<Waiter> expired(long nowNanos) {
        List<Waiter> late = new ArrayList<>();
        for (Iterator<Waiter> all = queue.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (waiter.hasEnded()) {
                all.remove();
            } else if (waiter.deadlineNanos() - nowNanos <= 0) {
                all.remove();
                late.add(waiter);
            }
        }
        size = queue.size();
        return late;
    }

    /** Everyone, out of the room. */
    public List<Waiter> clear() {
        List<Waiter> all = queue.stream().filter(w -> !w.hasEnded()).toList();
        queue.clear();
        size = 0;
        return all;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int size() {
        return size;
    }
}
