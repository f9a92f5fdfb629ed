package dev.hearth.catalog.announce;

import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficPort;
import java.util.HashMap;
import java.util.Map;

/**
 * What the gateway, and the image cache, were last told: the one owner of the routes. A change of
 * one service costs what one service costs.
 *
 * <p>Concurrency: changes and the telling of them happen under one lock, so that they reach the
 * gateway in the order in which they were made. The lock is held for microseconds, but for {@link
 * #all}: no call of {@link TrafficPort} blocks.
 */
public final class Announcer {
    private final TrafficPort traffic;
    private final ImagePort images;
    private final Serving serving = new Serving();
    private final Map<ServiceName, Route> routes = new HashMap<>();
    private long changes;

    /** Numbers of the last changes: of each service there is, and of all of them at once. */
    private final Map<ServiceName, Long> changed = new HashMap<>();

    private long allChanged;

    public Announcer(TrafficPort traffic, ImagePort images) {
        this.traffic = traffic;
        this.images = images;
    }

    /** From now on exactly these services are there. */
    public synchronized void all(Map<ServiceName, Route> services) {
        allChanged = ++changes;
        changed.clear();
        services.values().forEach(serving::add);
        routes.values().forEach(serving::remove);
        routes.clear();
        routes.putAll(services);
        images.serving(serving);
        traffic.replace(new RouteTable(services));
    }

    /** From now on a service's requests go there. */
    public synchronized void routes(ServiceName service, Route route) {
        changed.put(service, ++changes);
        serving.add(route); // first, so that an image of both is needed throughout
        Route before = routes.put(service, route);
        if (before != null) {
            serving.remove(before);
        }
        traffic.route(service, route);
    }

    /** From now on there is no such service. */
    public synchronized void gone(ServiceName service) {
        allChanged = ++changes; // rather than to remember the names of all that are gone
        changed.remove(service);
        traffic.unroute(service);
        Route before = routes.remove(service);
        if (before != null) {
            serving.remove(before);
        }
    }

    /** How often something was announced; see {@link #unlessChanged(long, Runnable)}. */
    public synchronized long changes() {
        return changes;
    }

    /**
     * A number that is another one when something was announced of this service; see {@link
     * #unlessChanged(ServiceName, long, Runnable)}.
     */
    public synchronized long changes(ServiceName service) {
        return Math.max(allChanged, changed.getOrDefault(service, 0L));
    }

    /**
     * Runs {@code change} and is true, unless something was announced since {@link #changes} was
     * {@code seen}.
     */
    public synchronized boolean unlessChanged(long seen, Runnable change) {
        if (seen != changes) {
            return false;
        }
        change.run();
        return true;
    }

    /**
     * The same, unless something was announced of this service since {@link #changes(ServiceName)}
     * was {@code seen}; what becomes of others does not matter.
     */
    public synchronized boolean unlessChanged(ServiceName service, long seen, Runnable change) {
        if (seen != changes(service)) {
            return false;
        }
        change.run();
        return true;
    }
}
