package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.Topics;

/**
 * Decides how many instances a revision should have and how much CPU they get.
 *
 * <p>Knative's rules give the number; on top of them stand the revision's own bounds and its idle
 * time. A cold start takes milliseconds here, so a decision is made on every tick (twice a second),
 * not every 2 s, and zero comes after the idle time, not after the stable window.
 */
public final class Decider {
    /** An instance without requests keeps its full CPU for so long, for what it does afterwards. */
    static final long FULL_CPU_MILLIS = 2_000;

    /** The sliver of an idle instance: 5 % of its limit, 10m at least. */
    static final int SLIVER_PERCENT = 5;

    static final int LEAST_SLIVER_MILLIS = 10;

    private static final long RECENT_MILLIS = Kpa.PANIC_SECONDS * 1000L;

    private Decider() {}

    /**
     * The decision for a revision as of its newest tick; {@code history} has at least one. The
     * newest tick's date is the only "now" there is: the autoscaler's own clock does not matter.
     */
    public static Decision decide(String revision, History history, Bounds bounds) {
        Progress progress = history.progress(bounds);
        Tick now = history.newest();
        int instances =
                Math.clamp(
                        unbounded(progress, now, bounds),
                        bounds.minInstances(),
                        bounds.maxInstances());
        return new Decision(
                Topics.SCHEMA,
                revision,
                now.atMillis(),
                instances,
                bounds.cpuMillis(),
                idleCpu(progress, bounds),
                Why.of(instances, progress, now, bounds));
    }

    private static int unbounded(Progress progress, Tick now, Bounds bounds) {
        if (progress.idleMillis() >= bounds.idleMillis()) {
            return 0;
        }
        if (isRecent(progress)) {
            return Math.max(1, progress.wanted());
        }
        // nobody is there: keep one for who may come, but start none
        int there = now.ready() + now.starting();
        return Math.clamp(progress.wanted(), Math.min(1, there), there);
    }

    static boolean isRecent(Progress progress) {
        return progress.demandSeen() && progress.idleMillis() < RECENT_MILLIS;
    }

    private static int idleCpu(Progress progress, Bounds bounds) {
        if (progress.idleMillis() < FULL_CPU_MILLIS) {
            return bounds.cpuMillis();
        }
        int sliver = Math.max(LEAST_SLIVER_MILLIS, bounds.cpuMillis() * SLIVER_PERCENT / 100);
        return Math.min(sliver, bounds.cpuMillis());
    }
}
