package dev.hearth.contracts;

import java.util.Optional;

/**
 * An instance that takes connections.
 *
 * @param host an IPv4 address that only its node can reach
 * @param relay of the node, when that is another machine; empty when this one reaches the address
 */
public record StartedInstance(
        InstanceId id,
        RevisionName revision,
        String host,
        int port,
        StartTimings timings,
        Optional<Relay> relay) {
    /** On this machine. */
    public StartedInstance(
            InstanceId id, RevisionName revision, String host, int port, StartTimings timings) {
        this(id, revision, host, port, timings, Optional.empty());
    }

    /**
     * Where a node takes connections for its instances: a SOCKS5 proxy (RFC 1928) that asks for
     * user name and password (RFC 1929).
     *
     * @param host name or address of the node
     * @param password of any user
     */
    public record Relay(String host, int port, String password) {}

    /** One that was started before, by whoever asked for it. */
    public static StartedInstance of(InstanceView view) {
        return new StartedInstance(
                view.id(),
                view.revision(),
                view.host(),
                view.port(),
                new StartTimings(view.startedAt(), 0, 0, 0, 0, 0));
    }
}
