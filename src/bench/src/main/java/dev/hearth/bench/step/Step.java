package dev.hearth.bench.step;

import dev.hearth.bench.report.Latencies;
import java.util.List;
import java.util.function.Predicate;

/**
 * One step in load on one service.
 *
 * @param nanos of each request from the step on
 * @param cpuSeconds that its containers used for them
 * @param wallSeconds until the last was answered
 * @param zeroSeconds from the last answer until no instance was left
 * @param seen instances and quota from the step on
 */
record Step(
        String contender,
        long[] nanos,
        double cpuSeconds,
        double wallSeconds,
        double zeroSeconds,
        List<Watch.Seen> seen) {
    Latencies latencies() {
        return new Latencies(contender, nanos);
    }

    int mostInstances() {
        return seen.stream().mapToInt(Watch.Seen::instances).max().orElse(0);
    }

    int lastInstances() {
        return seen.isEmpty() ? 0 : seen.getLast().instances();
    }

    int mostCpuMillis() {
        return seen.stream().mapToInt(Watch.Seen::cpuMillis).max().orElse(0);
    }

    /** Until there were as many instances, and of as much CPU, as there ever were. */
    double secondsToScale() {
        int instances = mostInstances();
        int cpu = mostCpuMillis();
        double wide = first(s -> s.instances() == instances);
        double large = first(s -> s.cpuMillis() == cpu);
        return Math.max(wide, large);
    }

    /** More than there were when the load had been there for a while. */
    int overshoot() {
        return mostInstances() - lastInstances();
    }

    private double first(Predicate<Watch.Seen> when) {
        return seen.stream().filter(when).findFirst().map(s -> s.nanos() / 1e9).orElse(Double.NaN);
    }
}
