package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.Warmth;

/**
 * Decides how many instances a revision should have and how much CPU they get.
 *
 * <p>Knative's rules give the number; on top of them stand the revision's own bounds and its idle
 * time. A cold start takes milliseconds here, so a decision is made on every tick (twice a second),
 * not every 2 s, and zero comes after the idle time, not after the stable window.
 */
public final class Decider {
    /** The sliver of an idle instance: 5 % of its limit, 10m at least. */
    static final int SLIVER_PERCENT = 5;

    static final int LEAST_SLIVER_MILLIS = 10;

    private Decider() {}

    /**
     * The decision for a revision as of its newest tick; {@code history} has at least one. The
     * newest tick's date is the only "now" there is: the autoscaler's own clock does not matter.
     */
    static Decision decide(
            String revision, History history, CpuQuota quota, Rest rest, Cost cost, Spec spec) {
        Progress progress = history.progress(spec);
        Tick now = history.newest();
        int instances =
                Math.clamp(
                        unbounded(progress, now, rest, spec),
                        spec.minInstances(),
                        spec.maxInstances());
        Warmth warmth = Rung.of(progress.idleMillis(), cost, spec);
        return new Decision(
                Topics.SCHEMA,
                revision,
                now.atMillis(),
                instances,
                quota.millis(),
                idleCpu(warmth, quota, spec),
                warmth,
                false,
                Why.of(instances, progress, now, quota, rest, spec)
                        + Why.warmth(instances, warmth));
    }

    /**
     * The decision to start one ahead of a request that is expected, as of a time without ticks.
     */
    static Decision ahead(String revision, long nowMillis, CpuQuota quota, String why, Spec spec) {
        return new Decision(
                Topics.SCHEMA,
                revision,
                nowMillis,
                Math.max(1, spec.minInstances()),
                quota.millis(),
                quota.millis(),
                Warmth.READY,
                true,
                why);
    }

    private static int unbounded(Progress progress, Tick now, Rest rest, Spec spec) {
        if (progress.idleMillis() >= rest.untilMillis()) {
            return 0;
        }
        if (isRecent(progress, spec)) {
            return Math.max(1, progress.wanted());
        }
        // nobody is there: keep one for who may come, and what was started to begin with, but start
        // none
        int there = now.ready() + now.starting();
        int least = progress.demandSeen() ? Math.min(1, there) : there;
        return Math.clamp(progress.wanted(), least, there);
    }

    static boolean isRecent(Progress progress, Spec spec) {
        return progress.demandSeen() && progress.idleMillis() < spec.rules().panicSeconds() * 1000L;
    }

    private static int idleCpu(Warmth warmth, CpuQuota quota, Spec spec) {
        if (warmth == Warmth.READY) {
            return quota.millis();
        }
        int sliver = Math.max(LEAST_SLIVER_MILLIS, spec.cpuMillis() * SLIVER_PERCENT / 100);
        return Math.min(sliver, spec.cpuMillis());
    }
}
