package dev.hearth.contracts;

import java.time.Duration;

/**
 * How many instances a revision may have and how busy each may be.
 *
 * @param concurrency requests one instance serves at a time; 0 for no limit, 1000 at most
 * @param minInstances kept even when idle
 * @param maxInstances never exceeded, at least 1
 * @param idle how long without a request before the last instances stop; {@link #LEARNED} for as
 *     long as they are worth their memory
 * @param rules how demand becomes a number of instances
 */
public record Scaling(
        int concurrency, int minInstances, int maxInstances, Duration idle, ScalingRules rules) {
    /** An idle time that follows from when requests came, what a start takes, and the memory. */
    public static final Duration LEARNED = Duration.ZERO;

    private static final String LEARNED_WORD = "auto";

    /** An idle time as it is written: a duration, or {@code auto}. */
    public static Duration parseIdle(String text) {
        return text.equals(LEARNED_WORD) ? LEARNED : Durations.parse(text);
    }

    /** As {@link #parseIdle} reads it. */
    public static String formatIdle(Duration idle) {
        return idle.equals(LEARNED) ? LEARNED_WORD : Durations.format(idle);
    }

    /** With the rules' defaults. */
    public Scaling(int concurrency, int minInstances, int maxInstances, Duration idle) {
        this(concurrency, minInstances, maxInstances, idle, ScalingRules.DEFAULT);
    }

    /** Throws INVALID {@code invalid-scaling} when a bound is out of range. */
    public Scaling {
        check(concurrency >= 0 && concurrency <= 1000, "concurrency " + concurrency, "0 and 1000");
        check(maxInstances >= 1 && maxInstances <= 1000, "max " + maxInstances, "1 and 1000");
        check(
                minInstances >= 0 && minInstances <= maxInstances,
                "min " + minInstances,
                "0 and max (" + maxInstances + ")");
        check(
                idle.equals(LEARNED)
                        || idle.compareTo(Duration.ofSeconds(1)) >= 0
                                && idle.compareTo(Duration.ofHours(24)) <= 0,
                "idle " + Durations.format(idle),
                "1s and 24h, nor auto");
    }

    /** The same for instances that have all of their CPU between requests, too. */
    public Scaling withCpuAlways() {
        return new Scaling(
                concurrency, minInstances, maxInstances, idle, rules.changed("idle-cpu=full"));
    }

    private static void check(boolean fine, String what, String range) {
        if (!fine) {
            throw HearthException.invalid("invalid-scaling", what + " is not between " + range);
        }
    }
}
