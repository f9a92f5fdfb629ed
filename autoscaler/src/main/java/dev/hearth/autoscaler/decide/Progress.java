package dev.hearth.autoscaler.decide;

import java.util.ArrayList;
import java.util.List;
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
 * @param lastBurst the last second whose demand was too much for what there was
 * @param panicPeak the most wanted since panic began; 0 outside of panic
 * @param asked the answer of the rules for this second alone
 * @param held what was asked within the delay of scaling down and is not less than what came after
 *     it; the first is the most
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
        boolean panicking,
        int panicPeak,
        int asked,
        List<Held> held) {
    private static final long NEVER = Long.MIN_VALUE / 2;

    /** Before any tick. */
    static final Progress NONE =
            new Progress(NEVER, NEVER, NEVER, false, 0, 0, 0, NEVER, false, 0, 0, List.of());

    /** So many instances were asked for in a second. */
    record Held(long second, int instances) {}

    /** The answer of the rules, before the revision's own bounds. */
    int wanted() {
        return held.isEmpty() ? asked : held.getFirst().instances();
    }

    /**
     * @param seconds all that are known, {@code now} among them; later ones are not looked at
     */
    Progress then(Second now, NavigableMap<Long, Second> seconds, Spec spec) {
        long index = now.index();
        int window = spec.rules().windowSeconds();
        long begin = index - second > window ? index : first;
        double stableNow = Kpa.average(seconds, begin, index, window);
        double panicNow = Kpa.average(seconds, begin, index, spec.rules().panicSeconds());
        int ready = now.last().ready();
        double target = spec.target(now.last().growable());
        int forStable = instances(stableNow, target, ready, spec);
        int forPanic = instances(panicNow, target, ready, spec);

        int inBurst = Kpa.instances(panicNow, target);
        long burstAt = Kpa.isBurst(inBurst, ready, spec.rules()) ? index : lastBurst;
        boolean panics = index - burstAt < window;
        int peak = panics ? Math.max(panicPeak, Math.max(forStable, forPanic)) : 0;
        int answer = panics ? peak : forStable;

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
                panics,
                peak,
                answer,
                heldWith(new Held(index, answer), spec.rules().downDelay().toSeconds()));
    }

    private static int instances(double average, double target, int ready, Spec spec) {
        int asked = Kpa.limitRate(Kpa.instances(average, target), ready, spec.rules());
        return asked == 0 ? 0 : Math.max(asked, spec.rules().activation());
    }

    /** Those that a later one did not overtake, within the delay: 5, 3, 2 and a 4 → 5, 4. */
    private List<Held> heldWith(Held newest, long delaySeconds) {
        List<Held> those = new ArrayList<>();
        for (Held earlier : held) {
            if (earlier.second() > newest.second() - delaySeconds
                    && earlier.instances() > newest.instances()) {
                those.add(earlier);
            }
        }
        those.add(newest);
        return List.copyOf(those);
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
