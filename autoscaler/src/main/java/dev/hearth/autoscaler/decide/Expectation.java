package dev.hearth.autoscaler.decide;

import dev.hearth.autoscaler.keepalive.IdleTimes;
import dev.hearth.autoscaler.keepalive.KeepAlive;

/**
 * Whether a revision's next request is likely enough for an instance to be there for it, by the
 * pauses there were. See {@link KeepAlive}, which decides by the minute.
 *
 * @param times what its pauses lasted
 * @param startMillis what a start takes
 * @param memoryBytes that are set aside for an instance, of which it may use less
 */
record Expectation(IdleTimes times, double startMillis, long memoryBytes) {
    /** A shorter start nobody notices (Nielsen, "Usability Engineering", 1993: 0.1 s). */
    static final long LEAST_START_MILLIS = 100;

    private static final double GIB = 1 << 30;
    private static final long LONGEST_LEAD_MILLIS = 60_000;

    /** Between two looks, and until the gateway has heard of it. */
    private static final long LATE_MILLIS = 2_000;

    /** Whether it is worth being there now, or by the time that one started now is ready. */
    boolean isWorth(long idleMillis) {
        return isWorthInMinute(minuteOf(idleMillis))
                || isWorthInMinute(minuteOf(idleMillis + leadMillis()));
    }

    /**
     * The minute of idleness for which an instance would have to be started now; the same one from
     * this moment on for a minute.
     */
    int minuteAhead(long idleMillis) {
        return minuteOf(idleMillis + leadMillis());
    }

    /**
     * Whether it is time to start one: a minute begins that is worth it after one that was not. In
     * the middle of such a time one that is not there was stopped by somebody, and stays so.
     */
    boolean beginsWith(int minute) {
        return startMillis >= LEAST_START_MILLIS
                && minute > 1
                && isWorthInMinute(minute)
                && !isWorthInMinute(minute - 1);
    }

    private boolean isWorthInMinute(int minute) {
        return KeepAlive.TRAINED
                .forStart(startMillis / 1000)
                .isWorth(times, memoryBytes / GIB, minute);
    }

    /** A start as long as the last one, and as much again for one that is slower. */
    private long leadMillis() {
        return Math.min(LONGEST_LEAD_MILLIS, Math.round(2 * startMillis) + LATE_MILLIS);
    }

    /** A pause of 9 min 58 s lasted nine whole minutes: who waits for it waits in the ninth. */
    private static int minuteOf(long idleMillis) {
        long whole = idleMillis / Pauses.MINUTE_MILLIS;
        return (int) Math.clamp(whole, 1, IdleTimes.LONGEST + 1);
    }

    /** For people. */
    String cost() {
        return String.format(
                java.util.Locale.ROOT,
                "a start of %.3f s and %d MiB",
                startMillis / 1000,
                memoryBytes >> 20);
    }
}
