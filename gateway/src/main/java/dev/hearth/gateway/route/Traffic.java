package dev.hearth.gateway.route;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TrafficPort;
import dev.hearth.gateway.limit.RequestLimits;
import dev.hearth.gateway.pool.RevisionPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * All revisions that have, or may get, traffic: those that are routed, those being proved, and
 * those that drain after their replacement.
 */
public final class Traffic implements TrafficPort {
    private final Routes routes;
    private final RuntimePort runtime;
    private final Clock clock;
    private final ConcurrentHashMap<RevisionName, RevisionPool> pools = new ConcurrentHashMap<>();
    private final Object lock = new Object();

    // guarded by lock
    private boolean looked;
    private List<InstanceView> left = List.of();
    private Map<ServiceName, RequestLimits> limits = Map.of(); // of the revisions that serve
    private final Set<RevisionName> proving = new HashSet<>();
    private final Set<RevisionName> leaving = new HashSet<>();

    public Traffic(Routes routes, RuntimePort runtime, Clock clock) {
        this.routes = routes;
        this.runtime = runtime;
        this.clock = clock;
        runtime.onExit(this::exited);
    }

    @Override
    public CompletionStage<Void> prove(RevisionSpec revision) {
        RevisionPool pool;
        synchronized (lock) {
            pool = newPool(revision);
            proving.add(revision.name());
            pools.put(revision.name(), pool);
        }
        return pool.prove()
                .whenComplete(
                        (proved, failure) -> {
                            if (failure != null) {
                                forget(revision.name());
                            }
                        });
    }

    @Override
    public CompletionStage<Void> discard(RevisionName revision) {
        RevisionPool pool = pools.get(revision);
        synchronized (lock) {
            proving.remove(revision);
        }
        if (pool == null) {
            return CompletableFuture.completedFuture(null);
        }
        return pool.close(StopReason.REPLACED).thenRun(() -> forget(revision));
    }

    @Override
    public void replace(RouteTable table) {
        Map<String, RevisionPool> byService = new HashMap<>();
        Map<RevisionPool, StopReason> gone = new HashMap<>();
        synchronized (lock) {
            findLeft();
            table.serving()
                    .forEach(
                            (service, revision) -> {
                                proving.remove(revision.name());
                                byService.put(
                                        service.value(),
                                        pools.computeIfAbsent(
                                                revision.name(), n -> poolOf(revision)));
                            });
            limits =
                    byService.values().stream()
                            .collect(
                                    Collectors.toMap(
                                            p -> p.revision().service(), RevisionPool::limits));
            pools.forEach(
                    (name, pool) -> {
                        ServiceName service = pool.revision().service();
                        if (!byService.containsValue(pool)
                                && !proving.contains(name)
                                && leaving.add(name)) {
                            gone.put(
                                    pool,
                                    table.serving().containsKey(service)
                                            ? StopReason.REPLACED
                                            : StopReason.DELETED);
                        }
                    });
            routes.replace(byService);
        }
        byService.values().forEach(RevisionPool::keepMinimum);
        gone.forEach(
                (pool, reason) -> pool.close(reason).thenRun(() -> forget(pool.revision().name())));
    }

    /** A new pool, with what an earlier run of the platform left of its revision. */
    private RevisionPool poolOf(RevisionSpec revision) {
        RevisionPool pool = newPool(revision);
        left.stream()
                .filter(i -> i.revision().equals(revision.name()))
                .forEach(i -> pool.adopt(started(i)));
        return pool;
    }

    private RevisionPool newPool(RevisionSpec revision) {
        return new RevisionPool(
                revision,
                runtime,
                clock,
                limits.getOrDefault(revision.service(), RequestLimits.NONE));
    }

    /** Looks once, when nothing has been started yet, so that all there is was left. */
    private void findLeft() {
        if (!looked) {
            looked = true;
            left = runtime.instances();
        }
    }

    private static StartedInstance started(InstanceView i) {
        return new StartedInstance(
                i.id(),
                i.revision(),
                i.host(),
                i.port(),
                new StartTimings(i.startedAt(), 0, 0, 0, 0, 0));
    }

    /**
     * Every revision there is has been routed: stops the instances that an earlier run of the
     * platform left and no pool has taken over, because their revision is gone or has enough.
     */
    public void endWhatIsLeft() {
        List<InstanceView> found;
        synchronized (lock) {
            findLeft();
            found = left;
            left = List.of();
        }
        Set<InstanceId> alive =
                runtime.instances().stream().map(InstanceView::id).collect(Collectors.toSet());
        for (InstanceView i : found) {
            RevisionPool pool = pools.get(i.revision());
            if (pool == null || !pool.inFlight().containsKey(i.id())) {
                runtime.stop(i.id(), StopReason.REPLACED);
                if (pool == null) {
                    runtime.forget(i.revision());
                }
            } else if (!alive.contains(i.id())) {
                pool.exited(i.id()); // it may have ended before the pool had it
            }
        }
    }

    /** No start of it is asked for any more. */
    private void forget(RevisionName name) {
        synchronized (lock) {
            pools.remove(name);
            proving.remove(name);
            leaving.remove(name);
        }
        runtime.forget(name);
    }

    @Override
    public CompletionStage<Void> stopInstances(ServiceName service) {
        List<CompletableFuture<Void>> stops = new ArrayList<>();
        for (RevisionPool pool : pools.values()) {
            if (pool.revision().service().equals(service)) {
                stops.add(pool.stopInstances(StopReason.REQUESTED));
            }
        }
        return CompletableFuture.allOf(stops.toArray(CompletableFuture[]::new));
    }

    private void exited(InstanceExit exit) {
        RevisionPool pool = pools.get(exit.revision());
        if (pool != null) {
            pool.exited(exit.id());
        }
    }

    /** Hands a decision to the revision it is about; one that is gone is passed over. */
    public void apply(Decision decision) {
        RevisionPool pool = pools.get(new RevisionName(decision.revision()));
        if (pool != null) {
            pool.apply(decision);
        }
    }

    /** Every revision there is, draining ones too. */
    public Collection<RevisionPool> pools() {
        return pools.values();
    }

    /** Requests in flight and waiting in all revisions. */
    public long activeRequests() {
        return pools.values().stream().mapToLong(p -> p.demand().active()).sum();
    }
}
