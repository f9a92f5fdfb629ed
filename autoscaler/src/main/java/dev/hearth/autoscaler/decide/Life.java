package dev.hearth.autoscaler.decide;

import dev.hearth.autoscaler.keepalive.IdleTimes;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.InstanceReport;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One revision in the autoscaler's eyes: its demand, what its instances use, and the decisions that
 * follow. Fed with the same messages it decides the same, wherever and whenever that is. Not
 * thread-safe.
 */
public final class Life {
    /** Instances whose use is known at most; of more the rest is passed over. */
    private static final int MOST_INSTANCES = 10_000;

    /** An instance that was not heard of for so long is not counted as busy. */
    private static final long SILENT_MILLIS = 15_000;

    private final String revision;
    private final History history = new History();
    private final Map<String, InstanceReport> instances = new HashMap<>();
    private Spec spec;
    private DemandSample.Bounds bounds;
    private CpuQuota quota;
    private final IdleTimes idleTimes = new IdleTimes();
    private long lastDemandMillis;

    /** Begins with a sample that {@link #observe} takes in. */
    public Life(DemandSample first) {
        this.revision = first.revision();
        this.bounds = first.bounds();
        this.spec = Spec.of(bounds);
        this.quota = CpuQuota.initial(spec);
    }

    /** Takes a sample in; the decision that it leads to, none when it came late or twice. */
    public Optional<Decision> observe(DemandSample sample) {
        if (!sample.bounds().equals(bounds)) {
            bounds = sample.bounds();
            spec = Spec.of(bounds);
            quota = CpuQuota.initial(spec);
        }
        boolean newest = history.add(Tick.of(sample, quota.isGrowable(spec)), spec);
        if (!newest) {
            return Optional.empty();
        }
        learn(sample);
        return Optional.of(
                Decider.decide(revision, history, quota, rest(sample), cost(sample), spec));
    }

    /** A request that comes after a pause says how long pauses are. */
    private void learn(DemandSample sample) {
        if (sample.concurrency() > 0 || sample.queued() > 0) {
            long pause = sample.atMillis() - sample.spanMillis() - lastDemandMillis;
            if (lastDemandMillis > 0 && pause > 0) {
                idleTimes.add((int) Math.min(IdleTimes.LONGEST, pause / 60_000));
            }
            lastDemandMillis = sample.atMillis();
        }
    }

    private Cost cost(DemandSample sample) {
        long inUse =
                instances.values().stream().mapToLong(InstanceReport::memoryBytes).max().orElse(0);
        return new Cost(sample.startMillis(), inUse > 0 ? inUse : sample.bounds().memoryBytes());
    }

    private Rest rest(DemandSample sample) {
        if (spec.idleMillis() > 0) {
            return Rest.said(spec);
        }
        return Rest.learned(idleTimes, sample, history.progress(spec).idleMillis(), spec);
    }

    /** Takes a report of one of its instances in; one that came late or twice is passed over. */
    public void observe(InstanceReport report) {
        InstanceReport before = instances.get(report.instance());
        if (before != null && before.atMillis() >= report.atMillis()) {
            return;
        }
        if (report.state().equals("stopped")) {
            instances.remove(report.instance());
            return;
        }
        if (before != null || instances.size() < MOST_INSTANCES) {
            instances.put(report.instance(), report);
        }
        quota = quota.then(report, busy(report.atMillis()), spec);
    }

    private int busy(long now) {
        return (int)
                instances.values().stream()
                        .filter(i -> i.state().equals("ready"))
                        .filter(i -> now - i.atMillis() < SILENT_MILLIS)
                        .count();
    }

    /** Whether it had instances when it was last heard of. */
    public boolean hasInstances() {
        Tick newest = history.newest();
        return newest.ready() + newest.starting() > 0;
    }
}
