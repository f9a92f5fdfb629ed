package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.ScalingRules;
import java.util.NavigableMap;

/** The arithmetic of Knative's pod autoscaler (knative.dev/serving, pkg/autoscaler/scaling). */
final class Kpa {
    private Kpa() {}

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
    static int limitRate(int instances, int ready, ScalingRules rules) {
        int base = Math.max(1, ready);
        int most = (int) Math.min(Integer.MAX_VALUE, Math.ceil(rules.maxUp() * base));
        int least = (int) Math.floor(base / rules.maxDown());
        return Math.clamp(instances, least, most);
    }

    /** Whether the short window asks for so many times what there is that it is a burst. */
    static boolean isBurst(int instances, int ready, ScalingRules rules) {
        return 100.0 * instances / Math.max(1, ready) >= rules.panicThreshold();
    }
}
