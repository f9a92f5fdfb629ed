package dev.hearth.gateway.pool;

/**
 * The time that an instance is billed for: the union of its start, the times with requests in it,
 * and its end, each stretch rounded up to 100 ms. A stretch that begins within what is paid for
 * goes on with that, so that nothing is billed twice: 3 ms at 0 and 3 ms at 50 are 100 ms, at 0 and
 * at 150 they are 200.
 *
 * <p>Concurrency: begun and ended by whoever finds an instance without, or leaves it without,
 * requests. The two may pass each other, so they are counted.
 */
final class BusyTime {
    static final long SLICE_NANOS = 100_000_000;

    private int open;
    private long beganNanos;
    private long paidUntilNanos;
    private boolean used;

    /** Something begins that is billed. */
    synchronized void begin(long nowNanos) {
        boolean fresh = open++ == 0 && (!used || nowNanos - paidUntilNanos >= 0);
        if (fresh) {
            used = true;
            beganNanos = nowNanos;
            paidUntilNanos = nowNanos;
        }
    }

    /** It is over; how many nanoseconds are to be billed beyond those that have been. */
    synchronized long end(long nowNanos) {
        open--;
        return open == 0 ? pay(nowNanos) : 0;
    }

    /** Whatever is under way goes on; the same. */
    synchronized long goOn(long nowNanos) {
        return open > 0 ? pay(nowNanos) : 0;
    }

    private long pay(long nowNanos) {
        long slices = Math.max(1, Math.ceilDiv(nowNanos - beganNanos, SLICE_NANOS));
        long until = beganNanos + slices * SLICE_NANOS;
        long more = Math.max(0, until - paidUntilNanos);
        paidUntilNanos += more;
        return more;
    }
}
