package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.InstanceReport;

/**
 * The CPU quota of a revision's busy instances, between what they were deployed with and their
 * limit.
 *
 * <p>It follows the share of periods in which an instance used its quota up, which tells of need
 * sooner than usage does: usage can never be above the quota (Wang et al., "Autothrottle", NSDI
 * 2024). It grows at once, by what the node has to spare, and shrinks late: only when for {@link
 * #CALM_MILLIS} nothing was throttled, and then to what was used in that time and a quarter more.
 * So what has just shrunk is not throttled by what it did before, and nothing oscillates.
 *
 * @param millis the quota now
 * @param changedAtMillis when it last changed
 * @param throttledAtMillis when an instance was last throttled
 * @param peakMillis the most that an instance used since {@code peakSinceMillis}
 * @param why it is so, for people
 */
record CpuQuota(
        int millis,
        long changedAtMillis,
        long throttledAtMillis,
        int peakMillis,
        long peakSinceMillis,
        int freeMillis,
        String why) {
    /** Throttled in more than a tenth of its periods, an instance is given more. */
    static final double MOST_THROTTLED = 0.1;

    /**
     * Throttled in more than half of them, it is given twice as much rather than half as much more.
     */
    private static final double MUCH_THROTTLED = 0.5;

    /** Between two changes: what is looked at then came after the last one. */
    static final long PAUSE_MILLIS = 400;

    static final long CALM_MILLIS = 10_000;

    private static final int SPARE_PERCENT = 25;
    private static final int LEAST_STEP = 50;

    /** What an instance has to begin with. */
    static CpuQuota initial(Spec spec) {
        return new CpuQuota(spec.cpuMillis(), 0, 0, 0, 0, 0, "");
    }

    /** Whether it could be raised now. */
    boolean isGrowable(Spec spec) {
        return Math.min(spec.cpuLimitMillis() - millis, freeMillis) >= LEAST_STEP;
    }

    /**
     * The quota after a look at one of the instances.
     *
     * @param busy instances that have requests and would all be given the same
     */
    CpuQuota then(InstanceReport seen, int busy, Spec spec) {
        int each = seen.freeCpuMillis() / Math.max(1, busy);
        if (!seen.state().equals("ready") || seen.cpuMillis() < spec.cpuMillis()) {
            return new CpuQuota(
                    millis,
                    changedAtMillis,
                    throttledAtMillis,
                    peakMillis,
                    peakSinceMillis,
                    each,
                    why);
        }
        long now = seen.atMillis();
        double throttled =
                seen.periods() == 0 ? 0 : seen.throttledPeriods() / (double) seen.periods();
        boolean needs = throttled > MOST_THROTTLED;
        int used = (int) Math.min(Integer.MAX_VALUE, seen.usedMicros() / seen.spanMillis());
        CpuQuota next =
                new CpuQuota(
                        millis,
                        changedAtMillis,
                        needs ? now : throttledAtMillis,
                        Math.max(peakMillis, used),
                        peakSinceMillis,
                        each,
                        why);
        return now - changedAtMillis < PAUSE_MILLIS ? next : next.moved(throttled, now, spec);
    }

    private CpuQuota moved(double throttled, long now, Spec spec) {
        if (freeMillis < 0 && millis > spec.cpuMillis()) {
            return to(
                    Math.max(spec.cpuMillis(), millis + freeMillis),
                    now,
                    "others on the node need what they were deployed with");
        }
        if (throttled > MOST_THROTTLED && isGrowable(spec)) {
            int step = throttled > MUCH_THROTTLED ? millis : millis / 2;
            int most = Math.min(spec.cpuLimitMillis(), millis + freeMillis);
            return to(
                    Math.min(most, millis + Math.max(step, LEAST_STEP)),
                    now,
                    "the quota was used up in "
                            + Math.round(throttled * 100)
                            + " % of its periods");
        }
        boolean calm =
                now - Math.max(changedAtMillis, throttledAtMillis) >= CALM_MILLIS
                        && now - peakSinceMillis >= CALM_MILLIS;
        if (!calm) {
            return this;
        }
        int enough = peakMillis + peakMillis * SPARE_PERCENT / 100;
        if (enough < millis && millis > spec.cpuMillis()) {
            return to(
                    Math.max(spec.cpuMillis(), enough),
                    now,
                    "at most " + peakMillis + "m of it were used in the last seconds");
        }
        return new CpuQuota(millis, changedAtMillis, throttledAtMillis, 0, now, freeMillis, why);
    }

    private CpuQuota to(int quota, long now, String reason) {
        return quota == millis
                ? this
                : new CpuQuota(quota, now, throttledAtMillis, 0, now, freeMillis, reason);
    }
}
