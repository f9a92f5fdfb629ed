package dev.hearth.gateway.route;

import dev.hearth.contracts.Route;
import dev.hearth.contracts.ServiceName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The routes of all services as they were told, and apart those that somebody looks at every few
 * seconds, which are few. For one writer at a time; read by anybody.
 */
final class ServiceRoutes {
    private final Map<ServiceName, Route> all = new ConcurrentHashMap<>();
    private final Map<ServiceName, Route> rolling = new ConcurrentHashMap<>();
    private final Map<ServiceName, Route> budgeted = new ConcurrentHashMap<>();

    Map<ServiceName, Route> all() {
        return all;
    }

    /** Those that a rollout moves. */
    Map<ServiceName, Route> rolling() {
        return rolling;
    }

    /** Those with a budget of their own. */
    Map<ServiceName, Route> budgeted() {
        return budgeted;
    }

    Optional<Route> of(ServiceName service) {
        return Optional.ofNullable(all.get(service));
    }

    /** Gives what was before. */
    Optional<Route> put(ServiceName service, Route route) {
        put(rolling, service, route, route.rollout().isPresent());
        put(budgeted, service, route, !route.budget().isNone());
        return Optional.ofNullable(all.put(service, route));
    }

    private static void put(
            Map<ServiceName, Route> some, ServiceName service, Route route, boolean isOne) {
        if (isOne) {
            some.put(service, route);
        } else {
            some.remove(service);
        }
    }

    /** Gives what was before. */
    Optional<Route> remove(ServiceName service) {
        rolling.remove(service);
        budgeted.remove(service);
        return Optional.ofNullable(all.remove(service));
    }

    /** Exactly these from now on; those of before that stay are there throughout. */
    void replace(Map<ServiceName, Route> routes) {
        routes.forEach(this::put);
        for (ServiceName service : all.keySet()) {
            if (!routes.containsKey(service)) {
                remove(service);
            }
        }
    }
}
