package dev.hearth.gateway.route;

import dev.hearth.gateway.pool.RevisionPool;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go now: a snapshot that is swapped as a whole, so that a request sees either the
 * old table or the new one.
 *
 * <p>Looked up by host as it came first: a host seen before costs one hash look-up and no parsing.
 */
public final class Routes {
    private static final int MOST_HOSTS = 10_000;

    private final HostNames hosts;
    private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of());

    private record Snapshot(
            Map<String, Split> byLabel,
            Map<String, Split> byDomain,
            ConcurrentHashMap<String, Split> byHost) {
        Snapshot(Map<String, Split> byLabel, Map<String, Split> byDomain) {
            this(byLabel, byDomain, new ConcurrentHashMap<>());
        }
    }

    public Routes(HostNames hosts) {
        this.hosts = hosts;
    }

    /** Routes by this table from now on; keys are what stands before the domain in a host. */
    public void replace(Map<String, Split> byLabel) {
        replace(byLabel, Map.of());
    }

    /**
     * The same.
     *
     * @param byDomain by host names of services' own, in lower case
     */
    public void replace(Map<String, Split> byLabel, Map<String, Split> byDomain) {
        snapshot = new Snapshot(Map.copyOf(byLabel), Map.copyOf(byDomain));
    }

    /**
     * The pool that serves the next request to {@code host}, or null when nobody has that host, or
     * it is {@link #elsewhere}.
     */
    public @Nullable RevisionPool find(String host) {
        Split split = split(host);
        return split == null ? null : split.next();
    }

    /** The gateway that sees to a host; null when none does, or this one. */
    public @Nullable Peer elsewhere(String host) {
        Split split = split(host);
        return split == null ? null : split.elsewhere();
    }

    private @Nullable Split split(String host) {
        Snapshot now = snapshot;
        Split known = now.byHost.get(host);
        if (known != null) {
            return known;
        }
        Split split =
                hosts.label(host)
                        .map(now.byLabel::get)
                        .orElseGet(() -> now.byDomain.get(HostNames.plain(host)));
        if (split != null && now.byHost.size() < MOST_HOSTS) {
            now.byHost.put(host, split);
        }
        return split;
    }

    /** Whether a request is for the platform's own registry, which no service can stand in for. */
    public boolean isForRegistry(String host, String path) {
        return (path.startsWith("/v2/") || path.equals("/v2")) && hosts.isRegistry(host);
    }
}
