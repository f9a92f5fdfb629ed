package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import java.util.Optional;

/**
 * A CPU quota in the kernel's numbers.
 *
 * @param quotaMicros per period; -1 for no bound
 * @param burstMicros of unused quota that may be saved and used at once: one quota's worth, so that
 *     a request that comes after a pause is not throttled in its first period (kernel
 *     documentation, scheduler/sched-bwc, "Burst feature")
 * @param millis of CPU, for the weight
 */
record CpuBandwidth(long quotaMicros, long burstMicros, int millis) {
    private static final long NO_BOUND = -1;

    static CpuBandwidth of(Optional<Cpu> quota, Cpu share) {
        return quota.map(
                        q -> {
                            long micros = q.millis() * (CgroupHost.PERIOD_MICROS / 1000L);
                            return new CpuBandwidth(micros, micros, share.millis());
                        })
                .orElseGet(() -> new CpuBandwidth(NO_BOUND, 0, share.millis()));
    }

    /** Version 2's cpu.weight: 100, the kernel's default, for one CPU; 250 millis → 25. */
    long weight() {
        return Math.clamp(millis / 10, 1, 10_000);
    }

    /** Version 1's cpu.shares: 1024, the kernel's default, for one CPU; 250 millis → 256. */
    long shares() {
        return Math.clamp(millis * 1024L / 1000, 2, 262_144);
    }
}
