package dev.hearth.runtime.cgroup;

/**
 * What the CPU controller counted since the group was made.
 *
 * @param usedMicros CPU time used, of all CPUs together; 0 when the kernel does not tell
 * @param periods periods in which it had something to run under a quota
 * @param throttledPeriods those of them in which the quota was used up
 * @param throttledMicros time its run queues stood still for that, of all CPUs together
 */
public record CpuStatistics(
        long usedMicros, long periods, long throttledPeriods, long throttledMicros) {}
