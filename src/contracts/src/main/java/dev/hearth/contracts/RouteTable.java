package dev.hearth.contracts;

import java.util.HashMap;
import java.util.List;
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

    /** Their images by manifest; true for those of revisions with a minimum of instances. */
    public Map<Digest, Boolean> images() {
        Map<Digest, Boolean> images = new HashMap<>();
        for (RevisionSpec revision : revisions()) {
            images.merge(
                    revision.digest(), revision.scaling().minInstances() > 0, Boolean::logicalOr);
        }
        return images;
    }

    /** Every revision that can be reached. */
    public List<RevisionSpec> revisions() {
        return routes.values().stream()
                .flatMap(route -> route.shares().stream())
                .map(Route.Share::revision)
                .toList();
    }
}
