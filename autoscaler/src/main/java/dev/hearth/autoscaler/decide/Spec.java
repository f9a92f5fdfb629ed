package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.ScalingRules;

/**
 * What a revision asks of its scaling; fixed for as long as it lives.
 *
 * @param concurrency requests that an instance takes at a time, 0 for no limit
 * @param idleMillis without demand before the last instance stops
 * @param cpuMillis that an instance has
 * @param cpuLimitMillis that it may have while the node has it to spare
 */
public record Spec(
        int concurrency,
        int minInstances,
        int maxInstances,
        long idleMillis,
        int cpuMillis,
        int cpuLimitMillis,
        ScalingRules rules) {
    /** Throws INVALID {@code invalid-scaling} for rules that cannot be. */
    public static Spec of(Bounds bounds) {
        return new Spec(
                bounds.concurrency(),
                bounds.minInstances(),
                bounds.maxInstances(),
                bounds.idleMillis(),
                bounds.cpuMillis(),
                bounds.cpuLimitMillis(),
                ScalingRules.parse(bounds.rules()));
    }

    /**
     * Requests that one instance should have at a time.
     *
     * @param growable whether it can still be given more CPU. Then it is filled before another one
     *     is asked for: a larger quota is there in milliseconds, and needs no memory.
     */
    double target(boolean growable) {
        double target = rules.targetOf(concurrency);
        return growable ? target * 100 / rules.utilisation() : target;
    }

    /** How long the last instance stays without a request. */
    long zeroAfterMillis() {
        return idleMillis + rules.downDelay().toMillis();
    }
}
