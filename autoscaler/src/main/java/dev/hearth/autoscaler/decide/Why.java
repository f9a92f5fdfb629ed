package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.Durations;
import java.time.Duration;
import java.util.Locale;

/** Says a decision's reason for people. */
final class Why {
    private Why() {}

    static String of(int instances, Progress progress, Tick now, Bounds bounds) {
        return "want "
                + instances
                + ", have "
                + now.ready()
                + " ready and "
                + now.starting()
                + " starting: "
                + reason(progress, bounds)
                + bound(instances, bounds);
    }

    private static String reason(Progress progress, Bounds bounds) {
        String idle = seconds(progress.idleMillis());
        String limit = Durations.format(Duration.ofMillis(bounds.idleMillis()));
        if (progress.idleMillis() >= bounds.idleMillis()) {
            return "no request for " + idle + ", idle time is " + limit;
        }
        if (!Decider.isRecent(progress)) {
            return "no request for " + idle + ", kept until " + limit;
        }
        String averages =
                String.format(
                        Locale.ROOT,
                        "%.1f requests at a time over 60 s and %.1f over 6 s, %.1f wanted per"
                                + " instance",
                        progress.stable(),
                        progress.panic(),
                        Kpa.target(bounds));
        return progress.panicking()
                ? averages + "; a burst came, so the peak of " + progress.panicPeak() + " is held"
                : averages;
    }

    private static String bound(int instances, Bounds bounds) {
        if (instances == bounds.maxInstances()) {
            return "; max is " + bounds.maxInstances();
        }
        return bounds.minInstances() > 0 && instances == bounds.minInstances()
                ? "; min is " + bounds.minInstances()
                : "";
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
