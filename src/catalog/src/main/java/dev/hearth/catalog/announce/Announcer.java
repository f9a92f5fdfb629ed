package dev.hearth.catalog.announce;

import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficPort;
import java.util.HashMap;
import java.util.Map;

/**
 * What the gateway, and the image cache, were last told: the one owner of the route table.
 *
 * <p>Concurrency: changes and the telling of them happen under one lock, so that tables reach the
 * gateway in the order in which they were made. The lock is held for microseconds: {@link
 * TrafficPort#replace} does not block.
 */
public final class Announcer {
    private final TrafficPort traffic;
    private final ImagePort images;
    private final Map<ServiceName, Route> routes = new HashMap<>();
    private long changes;

    public Announcer(TrafficPort traffic, ImagePort images) {
        this.traffic = traffic;
        this.images = images;
    }

    /** From now on exactly these services are there. */
    public synchronized void all(Map<ServiceName, Route> services) {
        routes.clear();
        routes.putAll(services);
        tell();
    }

    /** From now on a service's requests go there. */
    public synchronized void routes(ServiceName service, Route route) {
        routes.put(service, route);
        tell();
    }

    /** From now on there is no such service. */
    public synchronized void gone(ServiceName service) {
        routes.remove(service);
        tell();
    }

    /** How often something was announced; see {@link #unlessChanged}. */
    public synchronized long changes() {
        return changes;
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

    private void tell() {
        changes++;
        RouteTable table = new RouteTable(routes);
        images.serving(table.images());
        traffic.replace(table);
    }
}
