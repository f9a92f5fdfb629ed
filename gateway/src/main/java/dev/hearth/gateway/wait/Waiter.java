package dev.hearth.gateway.wait;

import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.pool.Reservation;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request that is parked until an instance has room for it. Ends exactly once: with a
 * reservation, with a failure, or because the request left.
 */
public final class Waiter {
    /** Told of the end, on whatever thread brought it about. */
    public interface Ending {
        void admitted(Reservation reservation);

        void refused(HearthException why);
    }

    private final Ending ending;
    private final long deadlineNanos;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * @param deadlineNanos on the clock's nanos, when waiting is over
     */
    public Waiter(long deadlineNanos, Ending ending) {
        this.deadlineNanos = deadlineNanos;
        this.ending = ending;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Gives it an instance; false when it had ended, and the reservation is still the caller's. */
    public boolean admit(Reservation reservation) {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            ending.admitted(reservation);
        }
        return first;
    }

    /** Tells it that there will be none. */
    public void refuse(HearthException why) {
        if (ended.compareAndSet(false, true)) {
            ending.refused(why);
        }
    }

    /** The request went away: nobody has to be told. */
    public void leave() {
        ended.set(true);
    }

    boolean hasEnded() {
        return ended.get();
    }
}
