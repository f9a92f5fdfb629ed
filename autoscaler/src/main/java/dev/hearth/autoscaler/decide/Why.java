package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Warmth;
import java.time.Duration;
import java.util.Locale;

/** Says a decision's reason for people. */
final class Why {
    private Why() {}

    static String of(
            int instances, Progress progress, Tick now, CpuQuota quota, Rest rest, Spec spec) {
        return "want "
                + instances
                + ", have "
                + now.ready()
                + " ready and "
                + now.starting()
                + " starting: "
                + reason(progress, now, rest, spec)
                + bound(instances, spec)
                + cpu(quota, spec);
    }

    /** What idle instances are kept as; nothing where there are none, or they run. */
    static String warmth(int instances, Warmth warmth) {
        String rung = Rung.why(warmth);
        return instances == 0 || rung.isEmpty() ? "" : "; " + rung;
    }

    static String ahead(Expectation next, int minute) {
        return "want 1, have none: by the pauses so far a request is likely in minute "
                + minute
                + " without one, and for "
                + next.cost()
                + " that is worth a start ahead of it";
    }

    private static String cpu(CpuQuota quota, Spec spec) {
        if (quota.millis() == spec.cpuMillis()) {
            return "";
        }
        return "; "
                + quota.millis()
                + "m CPU each, deployed with "
                + spec.cpuMillis()
                + "m: "
                + quota.why();
    }

    private static String reason(Progress progress, Tick now, Rest rest, Spec spec) {
        String idle = seconds(progress.idleMillis());
        if (progress.idleMillis() >= rest.untilMillis() && spec.idleMillis() > 0) {
            return "no request for "
                    + idle
                    + ", idle time is "
                    + Durations.format(Duration.ofMillis(rest.untilMillis()));
        }
        if (progress.idleMillis() >= rest.untilMillis() || !Decider.isRecent(progress, spec)) {
            return "no request for " + idle + ", " + rest.why();
        }
        String averages =
                String.format(
                        Locale.ROOT,
                        "%.1f requests at a time over %d s and %.1f over %d s, %.1f wanted per"
                                + " instance",
                        progress.stable(),
                        spec.rules().windowSeconds(),
                        progress.panic(),
                        spec.rules().panicSeconds(),
                        spec.target(now.growable()));
        if (progress.panicking()) {
            averages += "; a burst came, so the peak of " + progress.panicPeak() + " is held";
        }
        return progress.wanted() > progress.asked()
                ? averages
                        + "; "
                        + progress.wanted()
                        + " were wanted within the last "
                        + Durations.format(spec.rules().downDelay())
                : averages;
    }

    private static String bound(int instances, Spec spec) {
        if (instances == spec.maxInstances()) {
            return "; max is " + spec.maxInstances();
        }
        return spec.minInstances() > 0 && instances == spec.minInstances()
                ? "; min is " + spec.minInstances()
                : "";
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
