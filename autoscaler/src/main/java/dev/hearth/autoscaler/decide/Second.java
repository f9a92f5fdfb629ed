package dev.hearth.autoscaler.decide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One second of a revision's life: the bucket that averages are made of.
 *
 * @param index of the second since 1970; a tick that ends on the stroke belongs to the second that
 *     ends then
 * @param concurrency averaged over the second's ticks by their length
 * @param ticks in order of time, at least one
 */
record Second(long index, double concurrency, List<Tick> ticks) {
    static long indexOf(long atMillis) {
        return Math.floorDiv(atMillis - 1, 1000L);
    }

    static Second of(Tick tick) {
        return new Second(indexOf(tick.atMillis()), tick.concurrency(), List.of(tick));
    }

    /** This second with one tick more. */
    Second with(Tick tick) {
        List<Tick> all = new ArrayList<>(ticks);
        all.add(tick);
        all.sort(Comparator.comparingLong(Tick::atMillis));
        double weighted = 0;
        long span = 0;
        for (Tick t : all) {
            weighted += t.concurrency() * t.spanMillis();
            span += t.spanMillis();
        }
        return new Second(index, weighted / span, List.copyOf(all));
    }

    boolean has(long atMillis) {
        return ticks.stream().anyMatch(t -> t.atMillis() == atMillis);
    }

    Tick last() {
        return ticks.getLast();
    }
}
