package dev.hearth.autoscaler.observe;

import dev.hearth.autoscaler.decide.Life;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.InstanceReport;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The demand of all revisions of late, and the decisions that follow from it.
 *
 * <p>Eviction: a revision that was silent for an hour and had no instance is forgotten, and the
 * longest silent one when there are too many. What is forgotten begins anew: its idle time counts
 * from its next sample.
 *
 * <p>There is no timer: gateways send a sample every 500 ms for every revision that has instances,
 * so that a silent one has none to decide about, or a gateway that is away and could not act.
 *
 * <p>Concurrency: one lock; a sample takes some microseconds.
 */
public final class Observations {
    static final Duration FORGET_AFTER = Duration.ofHours(1);

    /** About 30 KiB each at two ticks a second. */
    static final int MOST_REVISIONS = 2_000;

    private final Clock clock;

    /** Longest silent first. */
    private final LinkedHashMap<String, Observed> revisions =
            new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);

    public Observations(Clock clock) {
        this.clock = clock;
    }

    /** The decision that a sample leads to; none for one that came late or twice. */
    public synchronized Optional<Decision> observe(DemandSample sample) {
        long now = clock.nanos();
        Observed observed = revisions.computeIfAbsent(sample.revision(), r -> new Observed(sample));
        observed.heardNanos = now;
        Optional<Decision> decision = observed.life.observe(sample);
        forget(now);
        return decision;
    }

    /** Takes in what an instance used; of a revision without any demand yet it is passed over. */
    public synchronized void observe(InstanceReport report) {
        Observed observed = revisions.get(report.revision());
        if (observed != null) {
            observed.life.observe(report);
        }
    }

    /** How many revisions are remembered. */
    public synchronized int size() {
        return revisions.size();
    }

    private void forget(long now) {
        Iterator<Map.Entry<String, Observed>> longestSilent = revisions.entrySet().iterator();
        while (longestSilent.hasNext()) {
            Observed observed = longestSilent.next().getValue();
            boolean silent = now - observed.heardNanos > FORGET_AFTER.toNanos();
            if (revisions.size() <= MOST_REVISIONS && !silent) {
                return;
            }
            if (revisions.size() > MOST_REVISIONS || !observed.life.hasInstances()) {
                longestSilent.remove();
            }
        }
    }

    private static final class Observed {
        private final Life life;
        private long heardNanos;

        Observed(DemandSample first) {
            this.life = new Life(first);
        }
    }
}
