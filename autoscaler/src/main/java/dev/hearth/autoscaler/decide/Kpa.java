package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.DemandSample.Bounds;
import java.util.NavigableMap;

/**
 * The arithmetic of Knative's pod autoscaler (knative.dev/serving, pkg/autoscaler/scaling), with
 * the defaults that Knative ships.
 */
final class Kpa {
    /** What ordinary scaling looks at. */
    static final int STABLE_SECONDS = 60;

    /** What a burst shows in: a tenth of the stable window. */
    static final int PANIC_SECONDS = 6;

    /** Panic begins when the short window asks for so many times what there is. */
    static final double PANIC_THRESHOLD = 2.0;

    /** The share of an instance's concurrency to fill; the rest is for what comes meanwhile. */
    static final double UTILISATION = 0.70;

    /** Stands for the concurrency of an instance without a limit. */
    static final int UNLIMITED = 100;

    static final double MAX_UP = 1000.0;
    static final double MAX_DOWN = 2.0;
    private static final double LEAST_TARGET = 0.01;

    private Kpa() {}

    /** Requests that one instance should have at a time: concurrency 80 → 56. */
    static double target(Bounds bounds) {
        int total = bounds.concurrency() == 0 ? UNLIMITED : bounds.concurrency();
        return Math.max(LEAST_TARGET, total * UTILISATION);
    }

    /**
     * Average concurrency over the {@code window} seconds that end with {@code last}, or over those
     * since {@code first} where that is shorter; a second without a tick counts as zero.
     */
    static double average(NavigableMap<Long, Second> seconds, long first, long last, int window) {
        long begin = Math.max(first, last - window + 1);
        double sum = 0;
        for (Second second : seconds.subMap(begin, true, last, true).values()) {
            sum += second.concurrency();
        }
        return sum / (last - begin + 1);
    }

    /** Instances for this average: 150 over a target of 56 → ⌈2.7⌉ = 3. */
    static int instances(double average, double target) {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(average / target));
    }

    /** As many as may be had at once from {@code ready}: 4 ready → at least 2, at most 4000. */
    static int limitRate(int instances, int ready) {
        int base = Math.max(1, ready);
        int most = (int) Math.min(Integer.MAX_VALUE, Math.ceil(MAX_UP * base));
        int least = (int) Math.floor(base / MAX_DOWN);
        return Math.clamp(instances, least, most);
    }
}
