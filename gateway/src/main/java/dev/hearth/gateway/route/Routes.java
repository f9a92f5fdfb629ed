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
    private volatile Snapshot snapshot = new Snapshot(Map.of());

    private record Snapshot(
            Map<String, RevisionPool> byService, ConcurrentHashMap<String, RevisionPool> byHost) {
        Snapshot(Map<String, RevisionPool> byService) {
            this(byService, new ConcurrentHashMap<>());
        }
    }

    public Routes(HostNames hosts) {
        this.hosts = hosts;
    }

    /** Routes by this table from now on; keys are services' names. */
    public void replace(Map<String, RevisionPool> byService) {
        snapshot = new Snapshot(Map.copyOf(byService));
    }

    /** The pool that serves {@code host}, or null when no service has that host. */
    public @Nullable RevisionPool find(String host) {
        Snapshot now = snapshot;
        RevisionPool known = now.byHost.get(host);
        if (known != null) {
            return known;
        }
        RevisionPool pool =
                hosts.service(host).map(name -> now.byService.get(name.value())).orElse(null);
        if (pool != null && now.byHost.size() < MOST_HOSTS) {
            now.byHost.put(host, pool);
        }
        return pool;
    }

    /** Whether a request is for the platform's own registry, which no service can stand in for. */
    public boolean isForRegistry(String host, String path) {
        return (path.startsWith("/v2/") || path.equals("/v2")) && hosts.isRegistry(host);
    }
}
