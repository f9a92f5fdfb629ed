package dev.hearth.catalog;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficPort;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A gateway that remembers its table and what it proved, unless told to fail. */
@Singleton
public class FakeTraffic implements TrafficPort {
    final Set<RevisionName> proved = ConcurrentHashMap.newKeySet();
    final Set<RevisionName> discarded = ConcurrentHashMap.newKeySet();
    volatile RouteTable table = RouteTable.empty();

    /** Changes of any kind. */
    volatile int replaced;

    /** Those of them that were whole tables. */
    volatile int tables;

    volatile Optional<HearthException> proveFailure = Optional.empty();

    /** Runs when a revision is proved: the moment before it is stored. */
    volatile Runnable onProve = () -> {};

    public RouteTable table() {
        return table;
    }

    /** The revision with the largest share of each service. */
    public Map<ServiceName, RevisionSpec> serving() {
        Map<ServiceName, RevisionSpec> serving = new HashMap<>();
        table.routes()
                .forEach(
                        (service, route) ->
                                serving.put(
                                        service,
                                        route.shares().stream()
                                                .max(Comparator.comparingInt(Route.Share::percent))
                                                .orElseThrow()
                                                .revision()));
        return serving;
    }

    /** How often it was told of all services. */
    public int tables() {
        return tables;
    }

    void reset() {
        proved.clear();
        discarded.clear();
        table = RouteTable.empty();
        proveFailure = Optional.empty();
        onProve = () -> {};
    }

    @Override
    public CompletionStage<Void> prove(RevisionSpec revision) {
        if (proveFailure.isPresent()) {
            return CompletableFuture.failedStage(proveFailure.get());
        }
        proved.add(revision.name());
        onProve.run();
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> discard(RevisionName revision) {
        discarded.add(revision);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public synchronized void replace(RouteTable table) {
        this.table = table;
        replaced++;
        tables++;
    }

    @Override
    public synchronized void route(ServiceName service, Route route) {
        Map<ServiceName, Route> routes = new HashMap<>(table.routes());
        routes.put(service, route);
        table = new RouteTable(routes);
        replaced++;
    }

    @Override
    public synchronized void unroute(ServiceName service) {
        Map<ServiceName, Route> routes = new HashMap<>(table.routes());
        routes.remove(service);
        table = new RouteTable(routes);
        replaced++;
    }

    @Override
    public CompletionStage<Void> stopInstances(ServiceName service) {
        return CompletableFuture.completedStage(null);
    }
}
