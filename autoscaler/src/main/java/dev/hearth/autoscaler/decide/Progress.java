package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.DemandSample.Bounds;
import java.util.NavigableMap;

/**
 * Where a revision's ticks have led up to some second. {@link #then} is the one step from a second
 * to the next; a decision is made of where the last step leads.
 *
 * @param second the last one taken in
 * @param first where data began; anew after a silence longer than the stable window
 * @param atMillis end of the last tick
 * @param demandSeen whether there ever was any
 * @param idleMillis observed without demand since the last, or since ever. The sum of tick lengths
 *     rather than a difference of dates: a clock that is set forward makes nobody idle.
 * @param stable average concurrency
 * @param panic average concurrency over the short window
 * @param lastBurst the last second whose demand was {@link Kpa#PANIC_THRESHOLD} times too much
 * @param panicPeak the most wanted since panic began; 0 outside of panic
 * @param wanted the answer of the rules, before the revision's own bounds
 */
record Progress(
        long second,
        long first,
        long atMillis,
        boolean demandSeen,
        long idleMillis,
        double stable,
        double panic,
        long lastBurst,
        int panicPeak,
        int wanted) {
    private static final long NEVER = Long.MIN_VALUE / 2;

    /** Before any tick. */
    static final Progress NONE = new Progress(NEVER, NEVER, NEVER, false, 0, 0, 0, NEVER, 0, 0);

    /**
     * @param seconds all that are known, {@code now} among them; later ones are not looked at
     */
    Progress then(Second now, NavigableMap<Long, Second> seconds, Bounds bounds) {
        long index = now.index();
        long begin = index - second > Kpa.STABLE_SECONDS ? index : first;
        double target = Kpa.target(bounds);
        double stableNow = Kpa.average(seconds, begin, index, Kpa.STABLE_SECONDS);
        double panicNow = Kpa.average(seconds, begin, index, Kpa.PANIC_SECONDS);
        int ready = now.last().ready();
        int forStable = Kpa.limitRate(Kpa.instances(stableNow, target), ready);
        int forPanic = Kpa.limitRate(Kpa.instances(panicNow, target), ready);

        boolean burst =
                Kpa.instances(panicNow, target) / (double) Math.max(1, ready)
                        >= Kpa.PANIC_THRESHOLD;
        long burstAt = burst ? index : lastBurst;
        boolean panicking = index - burstAt < Kpa.STABLE_SECONDS;
        int peak = panicking ? Math.max(panicPeak, Math.max(forStable, forPanic)) : 0;

        Idleness idleness = new Idleness(atMillis, demandSeen, idleMillis);
        for (Tick tick : now.ticks()) {
            idleness = idleness.then(tick);
        }
        return new Progress(
                index,
                begin,
                idleness.atMillis,
                idleness.demandSeen,
                idleness.idleMillis,
                stableNow,
                panicNow,
                burstAt,
                peak,
                panicking ? peak : forStable);
    }

    boolean panicking() {
        return second - lastBurst < Kpa.STABLE_SECONDS;
    }

    private record Idleness(long atMillis, boolean demandSeen, long idleMillis) {
        Idleness then(Tick tick) {
            if (tick.demand()) {
                return new Idleness(tick.atMillis(), true, 0);
            }
            // ticks of two gateways overlap: no more than really went by
            long more = Math.min(tick.spanMillis(), tick.atMillis() - atMillis);
            return new Idleness(tick.atMillis(), demandSeen, idleMillis + more);
        }
    }
}
