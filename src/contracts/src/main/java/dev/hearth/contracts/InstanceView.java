package dev.hearth.contracts;

import java.time.Instant;

/**
 * An instance as the runtime sees it at one moment.
 *
 * @param state lower-case name of its state: starting, ready, idle, frozen, paged, draining,
 *     stopped
 * @param cpuMillis its CPU quota now; 0 for none (boost while starting)
 * @param memoryBytes in use now, 0 when unknown
 * @param node that it is on; empty for the only one there is
 */
public record InstanceView(
        InstanceId id,
        RevisionName revision,
        ServiceName service,
        String state,
        String host,
        int port,
        int pid,
        Instant startedAt,
        int cpuMillis,
        long memoryBytes,
        String node) {}
