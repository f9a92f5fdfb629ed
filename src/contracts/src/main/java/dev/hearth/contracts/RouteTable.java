package dev.hearth.contracts;

import java.util.HashMap;
import java.util.Map;

/** Which revisions serve each service now; swapped as a whole, never changed. */
public record RouteTable(Map<ServiceName, Route> routes) {
    public RouteTable {
        routes = Map.copyOf(routes);
    }

    public static RouteTable empty() {
        return new RouteTable(Map.of());
    }

    /** Services with one revision each. */
    public static RouteTable of(Map<ServiceName, RevisionSpec> serving) {
        Map<ServiceName, Route> routes = new HashMap<>();
        serving.forEach((service, revision) -> routes.put(service, Route.to(revision)));
        return new RouteTable(routes);
    }
}
