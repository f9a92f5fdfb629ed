package dev.hearth.autoscaler.decide;

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
    private DemandSample latest;
    private DemandSample.Bounds bounds;
    private CpuQuota quota;
    private final Pauses pauses = new Pauses();

    /** Time without instances, of which no sample tells, since the last request. */
    private long unseenMillis;

    private int lookedAtMinute;

    /** Begins with a sample that {@link #observe} takes in. */
    public Life(DemandSample first) {
        this.revision = first.revision();
        this.latest = first;
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
        long unseen = unseenBefore(sample);
        boolean newest = history.add(Tick.of(sample, quota.isGrowable(spec)), spec);
        if (!newest) {
            return Optional.empty();
        }
        latest = sample;
        boolean demand = sample.concurrency() > 0 || sample.queued() > 0;
        unseenMillis = demand ? 0 : unseenMillis + unseen;
        pauses.observe(sample);
        return Optional.of(
                Decider.decide(revision, history, quota, rest(sample), cost(sample), spec));
    }

    private long unseenBefore(DemandSample sample) {
        return history.isEmpty() || hasInstances()
                ? 0
                : Math.max(
                        0, sample.atMillis() - sample.spanMillis() - history.newest().atMillis());
    }

    /** What was seen of the revision before; see {@link Pauses#precededBy}. */
    public void remember(Pauses earlier, boolean whole) {
        pauses.precededBy(earlier, whole);
        lookedAtMinute = 0;
    }

    /** Whether how long it is kept, and when it is started ahead, follows from its pauses. */
    public boolean learns() {
        return spec.idleMillis() == 0;
    }

    /**
     * A start ahead of a request that is expected soon; none while there are instances, and once
     * for each time that one is expected.
     */
    public Optional<Decision> expect(long nowMillis) {
        long idle = pauses.idleMillis(nowMillis);
        if (!learns() || hasInstances() || idle < 0) {
            return Optional.empty();
        }
        Expectation next = expectation(latest);
        int minute = next.minuteAhead(idle);
        if (minute == lookedAtMinute) {
            return Optional.empty();
        }
        lookedAtMinute = minute;
        return next.beginsWith(minute)
                ? Optional.of(
                        Decider.ahead(revision, nowMillis, quota, Why.ahead(next, minute), spec))
                : Optional.empty();
    }

    private Expectation expectation(DemandSample sample) {
        return new Expectation(pauses.times(), sample.startMillis(), sample.bounds().memoryBytes());
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
        return Rest.learned(
                expectation(sample), history.progress(spec).idleMillis() + unseenMillis, spec);
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
        if (history.isEmpty()) {
            return false;
        }
        Tick newest = history.newest();
        return newest.ready() + newest.starting() > 0;
    }
}
