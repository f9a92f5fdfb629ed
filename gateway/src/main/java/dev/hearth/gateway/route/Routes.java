package dev.hearth.gateway.route;

import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.RevisionPool;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go now. A service's hosts change all at once, by one reference, and so do those of
 * all services when they are {@linkplain #replace replaced}: a request sees either what was before
 * or what is now, and who has seen what is now sees it at every host of the service.
 *
 * <p>Looked up by host as it came first: a host seen before costs one hash look-up and no parsing.
 * A host stands for a place in its service, whatever is there at the moment, so that a change of
 * one service touches nothing else.
 */
public final class Routes {
    private static final int MOST_HOSTS = 10_000;

    private final HostNames hosts;
    private volatile Table table = new Table();

    public Routes(HostNames hosts) {
        this.hosts = hosts;
    }

    /** One service; what it has at the moment, which is nothing when it is gone. */
    private static final class Site {
        private volatile ServiceHosts now = ServiceHosts.NONE;
    }

    /** What a host stands for. */
    private sealed interface Place {
        Site site();

        /** Who gets its requests now; null when the service no longer has it. */
        @Nullable Split split();
    }

    private record Labelled(Site site, String label) implements Place {
        @Override
        public @Nullable Split split() {
            return site.now.byLabel().get(label);
        }
    }

    private record Named(Site site, String domain) implements Place {
        @Override
        public @Nullable Split split() {
            return site.now.byDomain().get(domain);
        }
    }

    /** Written by one thread at a time, read by all. */
    private static final class Table {
        private final Map<ServiceName, Site> sites = new ConcurrentHashMap<>();
        private final Map<String, Place> byLabel = new ConcurrentHashMap<>();
        private final Map<String, Place> byDomain = new ConcurrentHashMap<>();
        private final ConcurrentHashMap<String, Place> byHost = new ConcurrentHashMap<>();

        void put(ServiceName service, ServiceHosts next) {
            Site site = sites.computeIfAbsent(service, s -> new Site());
            ServiceHosts before = site.now;
            // INVARIANT: a host leads to its site before the site knows it, and until it no longer
            // does, so that nothing but the one reference decides what requests see
            next.byLabel().keySet().forEach(l -> byLabel.put(l, new Labelled(site, l)));
            next.byDomain().keySet().forEach(d -> byDomain.put(d, new Named(site, d)));
            site.now = next;
            removeAll(site, before.byLabel(), next.byLabel(), byLabel);
            removeAll(site, before.byDomain(), next.byDomain(), byDomain);
        }

        void remove(ServiceName service) {
            put(service, ServiceHosts.NONE);
            sites.remove(service);
        }

        private static void removeAll(
                Site site,
                Map<String, Split> before,
                Map<String, Split> next,
                Map<String, Place> places) {
            for (String gone : before.keySet()) {
                if (!next.containsKey(gone)) {
                    places.computeIfPresent(
                            gone, (key, place) -> place.site() == site ? null : place);
                }
            }
        }
    }

    /** Routes by these from now on, and by nothing else. */
    public synchronized void replace(Map<ServiceName, ServiceHosts> services) {
        Table next = new Table();
        services.forEach(next::put);
        table = next;
    }

    /** Leads the requests to one service's hosts there from now on. */
    public synchronized void put(ServiceName service, ServiceHosts now) {
        table.put(service, now);
    }

    /** Nobody has the hosts of a service any more. */
    public synchronized void remove(ServiceName service) {
        table.remove(service);
    }

    /** Host names of services' own, and whose service each leads to. */
    public Map<String, ProjectName> domains() {
        Map<String, ProjectName> projects = new HashMap<>();
        table.sites.forEach(
                (service, site) ->
                        site.now
                                .byDomain()
                                .keySet()
                                .forEach(d -> projects.put(d, service.project())));
        return projects;
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
        Table now = table;
        Place known = now.byHost.get(host);
        Split split = known == null ? null : known.split();
        return split == null ? parsed(host, now) : split;
    }

    private @Nullable Split parsed(String host, Table now) {
        Place place =
                hosts.label(host)
                        .map(now.byLabel::get)
                        .orElseGet(() -> now.byDomain.get(HostNames.plain(host)));
        if (place == null) {
            return null;
        }
        if (now.byHost.size() >= MOST_HOSTS) {
            now.byHost.clear(); // of services that are gone, too
        }
        now.byHost.put(host, place);
        return place.split();
    }

    /** Whether a request is for the platform's own registry, which no service can stand in for. */
    public boolean isForRegistry(String host, String path) {
        return (path.startsWith("/v2/") || path.equals("/v2")) && hosts.isRegistry(host);
    }
}
