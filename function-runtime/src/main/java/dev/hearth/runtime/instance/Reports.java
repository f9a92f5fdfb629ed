package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.Topics;
import dev.hearth.runtime.cgroup.CpuStatistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What changed in the instances of a node from one look to the next. One that has requests is
 * looked at each time; of one that is idle only now and then, since each look reads four files of
 * the kernel; of one that is gone it is said once. Not thread-safe.
 */
final class Reports {
    /** An idle instance is spoken of so often. */
    private static final long IDLE_MILLIS = 5_000;

    /** And a frozen one so often: nothing of it changes by itself. */
    private static final long FROZEN_MILLIS = 30_000;

    private final Clock clock;
    private final Map<InstanceId, Seen> seen = new HashMap<>();

    private record Seen(String revision, String state, long atMillis, CpuStatistics cpu) {}

    Reports(Clock clock) {
        this.clock = clock;
    }

    synchronized List<InstanceReport> of(Collection<Instance> instances, int freeMillis) {
        long now = clock.now().toEpochMilli();
        List<InstanceReport> reports = new ArrayList<>();
        Set<InstanceId> there = new HashSet<>();
        for (Instance instance : instances) {
            there.add(instance.id());
            @Nullable Seen before = seen.get(instance.id());
            if (before == null || isDue(instance.stateWord(), before, now)) {
                reports.add(report(instance, before, now, freeMillis));
            }
        }
        seen.entrySet()
                .removeIf(
                        e -> {
                            boolean gone = !there.contains(e.getKey());
                            if (gone) {
                                reports.add(farewell(e.getKey(), e.getValue(), now, freeMillis));
                            }
                            return gone;
                        });
        return reports;
    }

    private static boolean isDue(String state, Seen before, long now) {
        boolean changed = !state.equals(before.state);
        // a clock that was set back must not silence anyone
        long passed = now - before.atMillis;
        boolean stands = state.equals("frozen") || state.equals("paged");
        long pause = stands ? FROZEN_MILLIS : IDLE_MILLIS;
        return changed || state.equals("ready") || passed >= pause || passed < 0;
    }

    private InstanceReport report(Instance i, @Nullable Seen before, long now, int freeMillis) {
        CpuStatistics cpu = i.cpuStatistics();
        long since = before == null ? i.note().startedAt().toEpochMilli() : before.atMillis;
        CpuStatistics last = before == null ? new CpuStatistics(0, 0, 0, 0) : before.cpu;
        String revision = i.revision().name().value();
        seen.put(i.id(), new Seen(revision, i.stateWord(), now, cpu));
        return new InstanceReport(
                Topics.SCHEMA,
                i.id().value(),
                revision,
                now,
                Math.max(1, now - since),
                i.stateWord(),
                i.cpuMillis(),
                Math.max(0, cpu.usedMicros() - last.usedMicros()),
                Math.max(0, cpu.periods() - last.periods()),
                Math.max(0, cpu.throttledPeriods() - last.throttledPeriods()),
                i.memoryInUse(),
                i.oomKills(),
                freeMillis);
    }

    private static InstanceReport farewell(InstanceId id, Seen last, long now, int freeMillis) {
        return new InstanceReport(
                Topics.SCHEMA,
                id.value(),
                last.revision,
                now,
                Math.max(1, now - last.atMillis),
                "stopped",
                0,
                0,
                0,
                0,
                0,
                0,
                freeMillis);
    }
}
