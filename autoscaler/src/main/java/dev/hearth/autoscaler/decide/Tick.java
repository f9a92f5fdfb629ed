package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.DemandSample;

/**
 * What a decision needs of one {@link DemandSample}.
 *
 * @param demand whether any request was in flight or waiting
 * @param ready instances that took requests at the end of the tick
 * @param starting instances on their way
 * @param growable whether its instances could be given more CPU
 */
public record Tick(
        long atMillis,
        long spanMillis,
        double concurrency,
        boolean demand,
        int ready,
        int starting,
        boolean growable) {
    public static Tick of(DemandSample sample, boolean growable) {
        return new Tick(
                sample.atMillis(),
                sample.spanMillis(),
                sample.concurrency(),
                sample.concurrency() > 0 || sample.queued() > 0,
                sample.instances(),
                sample.starting(),
                growable);
    }
}
