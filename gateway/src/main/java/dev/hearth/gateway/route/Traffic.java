package dev.hearth.gateway.route;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TrafficPort;
import dev.hearth.gateway.limit.RequestLimits;
import dev.hearth.gateway.pool.Door;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.usage.Metering;
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
    private final Metering metering;

    /** Those that may get requests. */
    private final ConcurrentHashMap<RevisionName, RevisionPool> pools = new ConcurrentHashMap<>();

    /** Those that drain, maybe while their revision has a new pool, because it is routed again. */
    private final Set<RevisionPool> closing = ConcurrentHashMap.newKeySet();

    private final Set<RevisionPool> all = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();

    // guarded by lock
    private boolean looked;
    private List<InstanceView> left = List.of();
    // of the revisions that serve
    private final Map<ServiceName, RequestLimits> limits = new HashMap<>();
    private final Set<RevisionName> proving = new HashSet<>();
    private RouteTable current = RouteTable.empty();
    private Set<ServiceName> spent = Set.of();

    /** With usage that nobody reads. */
    public Traffic(Routes routes, RuntimePort runtime, Clock clock) {
        this(routes, runtime, clock, Metering.UNREAD);
    }

    public Traffic(Routes routes, RuntimePort runtime, Clock clock, Metering metering) {
        this.metering = metering;
        this.routes = routes;
        this.runtime = runtime;
        this.clock = clock;
        runtime.onExit(this::exited);
        runtime.onShortage(this::evict);
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
                                close(revision.name(), StopReason.START_FAILED);
                            }
                        });
    }

    @Override
    public CompletionStage<Void> discard(RevisionName revision) {
        return close(revision, StopReason.REPLACED);
    }

    /** Gives a revision no more requests; done when nothing of it is left. */
    private CompletionStage<Void> close(RevisionName revision, StopReason reason) {
        RevisionPool pool;
        synchronized (lock) {
            proving.remove(revision);
            pool = pools.remove(revision);
            if (pool == null) {
                return CompletableFuture.completedFuture(null);
            }
            closing.add(pool);
        }
        return pool.close(reason).thenRun(() -> forget(pool));
    }

    @Override
    public void replace(RouteTable table) {
        Map<String, Split> byLabel = new HashMap<>();
        Set<RevisionPool> reachable = new HashSet<>();
        List<RevisionPool> loaded = new ArrayList<>();
        Map<RevisionName, StopReason> gone = new HashMap<>();
        synchronized (lock) {
            findLeft();
            table.routes()
                    .forEach(
                            (service, route) -> {
                                Split.Shares shares = new Split.Shares();
                                for (Route.Share share : route.shares()) {
                                    RevisionPool pool = routed(share.revision());
                                    pool.setDoor(door(service, route));
                                    pool.setScaling(share.scaling());
                                    reachable.add(pool);
                                    shares.add(pool, share.percent());
                                    if (share.percent() > 0) {
                                        loaded.add(pool);
                                    }
                                    for (String tag : share.tags()) {
                                        byLabel.put(HostNames.label(tag, service), Split.to(pool));
                                    }
                                }
                                byLabel.put(service.value(), shares.split());
                            });
            limits.keySet().retainAll(table.routes().keySet());
            current = table;
            pools.forEach(
                    (name, pool) -> {
                        if (!reachable.contains(pool) && !proving.contains(name)) {
                            ServiceName service = pool.revision().service();
                            gone.put(
                                    name,
                                    table.routes().containsKey(service)
                                            ? StopReason.REPLACED
                                            : StopReason.DELETED);
                        }
                    });
            routes.replace(byLabel);
        }
        loaded.forEach(RevisionPool::keepMinimum);
        gone.forEach(this::close);
    }

    private Door door(ServiceName service, Route route) {
        return new Door(
                route.invokers() == Invokers.TOKEN,
                route.budget().stops() && spent.contains(service));
    }

    /** Where requests go now. */
    public RouteTable table() {
        synchronized (lock) {
            return current;
        }
    }

    /** From now on the budgets of exactly these services are spent. */
    public void spent(Set<ServiceName> services) {
        synchronized (lock) {
            spent = Set.copyOf(services);
            current.routes()
                    .forEach(
                            (service, route) -> {
                                for (Route.Share share : route.shares()) {
                                    RevisionPool pool = pools.get(share.revision().name());
                                    if (pool != null) {
                                        pool.setDoor(door(service, route));
                                    }
                                }
                            });
        }
    }

    /** The pool of a revision that can be reached from now on. */
    private RevisionPool routed(RevisionSpec revision) {
        proving.remove(revision.name());
        RevisionPool there = pools.computeIfAbsent(revision.name(), n -> poolOf(revision));
        limits.put(revision.service(), there.limits());
        return there;
    }

    /** A new pool, with what an earlier run of the platform left of its revision. */
    private RevisionPool poolOf(RevisionSpec revision) {
        RevisionPool pool = newPool(revision);
        left.stream()
                .filter(i -> i.revision().equals(revision.name()))
                .forEach(i -> pool.adopt(started(i), isFrozen(i)));
        return pool;
    }

    private RevisionPool newPool(RevisionSpec revision) {
        RevisionPool pool =
                new RevisionPool(
                        revision,
                        runtime,
                        clock,
                        limits.getOrDefault(revision.service(), RequestLimits.NONE),
                        metering.begin(revision));
        all.add(pool);
        return pool;
    }

    /** Looks once, when nothing has been started yet, so that all there is was left. */
    private void findLeft() {
        if (!looked) {
            looked = true;
            left = runtime.instances();
        }
    }

    private static boolean isFrozen(InstanceView i) {
        return i.state().equals("frozen") || i.state().equals("paged");
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

    /**
     * Nothing of it is left; unless its revision is routed again, no start is asked for any more.
     */
    private void forget(RevisionPool pool) {
        closing.remove(pool);
        all.remove(pool);
        metering.end(pool.meter());
        if (!pools.containsKey(pool.revision().name())) {
            runtime.forget(pool.revision().name());
        }
    }

    @Override
    public CompletionStage<Void> stopInstances(ServiceName service) {
        List<CompletableFuture<Void>> stops = new ArrayList<>();
        for (RevisionPool pool : all) {
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
        for (RevisionPool other : closing) {
            if (other.revision().name().equals(exit.revision())) {
                other.exited(exit.id());
            }
        }
    }

    private void evict(InstanceId id) {
        for (RevisionPool pool : pools.values()) {
            if (pool.evict(id)) {
                return;
            }
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
        return all;
    }

    /** Requests in flight and waiting in all revisions. */
    public long activeRequests() {
        return all.stream().mapToLong(p -> p.demand().active()).sum();
    }
}
