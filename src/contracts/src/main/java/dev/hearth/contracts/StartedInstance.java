package dev.hearth.contracts;

/**
 * An instance that takes connections.
 *
 * @param host an IPv4 address that only this node can reach
 */
public record StartedInstance(
        InstanceId id, RevisionName revision, String host, int port, StartTimings timings) {}
