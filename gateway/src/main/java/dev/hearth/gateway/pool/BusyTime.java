package dev.hearth.gateway.pool;

/**
 * The time that an instance is billed for: the union of its start, the times with requests in it,
 * and its end, each stretch rounded up to 100 ms. A stretch that begins within what is paid for
 * goes on with that, so that nothing is billed twice: 3 ms at 0 and 3 ms at 50 are 100 ms, at 0 and
 * at 150 they are 200. What is neither paid for nor busy is idle time, which is billed while the
 * instance is kept as one of a minimum, in whole milliseconds.
 *
 * <p>Concurrency: begun and ended by whoever finds an instance without, or leaves it without,
 * requests. The two may pass each other, so they are counted.
 */
final class BusyTime {
    static final long SLICE_NANOS = 100_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Takes what is to be billed beyond what has been; called under this object's lock. */
    interface Bill {
        void billed(long fromNanos, long nanos);

        void idle(long fromNanos, long nanos);
    }

    private final Bill bill;
    private int open;
    private long beganNanos;
    private long leastSlices = 1;
    private long paidUntilNanos;
    private long idleFromNanos;
    private boolean kept;
    private boolean over;

    /**
     * @param nowNanos from when on anything may be billed
     */
    BusyTime(Bill bill, long nowNanos) {
        this.bill = bill;
        this.paidUntilNanos = nowNanos;
        this.idleFromNanos = nowNanos;
    }

    /** It is paid for until then already, by whoever had the instance before. */
    synchronized void paidUntil(long nanos) {
        paidUntilNanos = nanos;
        beganNanos = nanos - SLICE_NANOS;
    }

    /** So much of each stretch is paid for, however soon it ends; it is billed at once. */
    synchronized void atLeast(long nanos) {
        leastSlices = Math.ceilDiv(nanos, SLICE_NANOS);
    }

    /** Something begins that is billed. */
    synchronized void begin(long nowNanos) {
        if (open++ == 0) {
            payIdle(nowNanos);
            if (nowNanos - paidUntilNanos >= 0) {
                beganNanos = nowNanos;
                paidUntilNanos = nowNanos;
            }
        }
    }

    /** It is over. */
    synchronized void end(long nowNanos) {
        open--;
        if (open == 0) {
            pay(nowNanos);
        }
    }

    /** Bills what is under way up to now, whatever that is. */
    synchronized void goOn(long nowNanos) {
        if (open > 0) {
            pay(nowNanos);
        } else {
            payIdle(nowNanos);
        }
    }

    /** Whether it is one of a minimum, from now on. */
    synchronized void keep(boolean asMinimum, long nowNanos) {
        goOn(nowNanos);
        kept = asMinimum;
    }

    /** The instance is no more, or another gateway's: nothing from now on is billed here. */
    synchronized void stop(long nowNanos) {
        goOn(nowNanos);
        over = true;
    }

    /** How much of what is paid for is still to come. */
    synchronized long aheadNanos(long nowNanos) {
        return Math.max(0, paidUntilNanos - nowNanos);
    }

    private void pay(long nowNanos) {
        long slices = Math.max(leastSlices, Math.ceilDiv(nowNanos - beganNanos, SLICE_NANOS));
        long more = beganNanos + slices * SLICE_NANOS - paidUntilNanos;
        if (more > 0 && !over) {
            bill.billed(paidUntilNanos, more);
            paidUntilNanos += more;
        }
    }

    private void payIdle(long nowNanos) {
        long from = idleFromNanos - paidUntilNanos > 0 ? idleFromNanos : paidUntilNanos;
        long millis = (nowNanos - from) / NANOS_PER_MILLI;
        if (kept && !over && millis > 0) {
            bill.idle(from, millis * NANOS_PER_MILLI);
            idleFromNanos = from + millis * NANOS_PER_MILLI;
        } else if (!kept && nowNanos - idleFromNanos > 0) {
            idleFromNanos = nowNanos;
        }
    }
}
