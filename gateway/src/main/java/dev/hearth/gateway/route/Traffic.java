package dev.hearth.gateway.route;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TrafficPort;
import dev.hearth.gateway.limit.RequestLimits;
import dev.hearth.gateway.pool.Door;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.pool.Starter;
import dev.hearth.gateway.usage.Metering;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Homes homes;
    private final Starter starter;

    /** Those that may get requests. */
    private final ConcurrentHashMap<RevisionName, RevisionPool> pools = new ConcurrentHashMap<>();

    /** Those that drain, maybe while their revision has a new pool, because it is routed again. */
    private final Set<RevisionPool> closing = ConcurrentHashMap.newKeySet();

    private final Set<RevisionPool> all = ConcurrentHashMap.newKeySet();
    private final Set<RevisionPool> awake = ConcurrentHashMap.newKeySet();

    /** As they were told; written under the lock. */
    private final ServiceRoutes services = new ServiceRoutes();

    private final Object lock = new Object();

    // guarded by lock
    private boolean looked;
    private final Set<InstanceId> left = new HashSet<>();
    private final List<Stray> strays = new ArrayList<>();
    // of the revisions that serve
    private final Map<ServiceName, RequestLimits> limits = new HashMap<>();
    private final Set<RevisionName> proving = new HashSet<>();
    private Set<ServiceName> spent = Set.of();
    private Set<ProjectName> spentProjects = Set.of();

    /** With usage that nobody reads. */
    public Traffic(Routes routes, RuntimePort runtime, Clock clock) {
        this(routes, runtime, clock, Metering.UNREAD, Homes.ALL_HERE);
    }

    public Traffic(
            Routes routes, RuntimePort runtime, Clock clock, Metering metering, Homes homes) {
        this(routes, runtime, clock, metering, homes, runtime::start);
    }

    /**
     * @param starter of all instances
     */
    public Traffic(
            Routes routes,
            RuntimePort runtime,
            Clock clock,
            Metering metering,
            Homes homes,
            Starter starter) {
        this.starter = starter;
        this.metering = metering;
        this.homes = homes;
        this.routes = routes;
        this.runtime = runtime;
        this.clock = clock;
        runtime.onExit(this::exited);
        runtime.onShortage(this::evict);
        runtime.onArrival(this::arrived);
        runtime.onLeaving(this::leaving);
    }

    /**
     * An instance that no pool has: its revision may be routed in a moment.
     *
     * @param atNanos when it came
     */
    private record Stray(RuntimePort.Left left, long atNanos) {
        StartedInstance instance() {
            return left.instance();
        }
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
        routeAll(() -> services.replace(table.routes()));
    }

    /** Services have other homes than before, maybe. */
    public void rehome() {
        routeAll(() -> {});
    }

    /**
     * @param change of the routes
     */
    private void routeAll(Runnable change) {
        Routing routing = new Routing();
        synchronized (lock) {
            findLeft();
            change.run();
            Map<ServiceName, ServiceHosts> hosts = HashMap.newHashMap(services.all().size());
            services.all()
                    .forEach((service, route) -> hosts.put(service, routing.hosts(service, route)));
            limits.keySet().retainAll(services.all().keySet());
            pools.values().forEach(routing::endUnlessReachable);
            routes.replace(hosts);
        }
        routing.finish();
    }

    @Override
    public void route(ServiceName service, Route route) {
        Routing routing = new Routing();
        synchronized (lock) {
            findLeft();
            Optional<Route> before = services.put(service, route);
            ServiceHosts hosts = routing.hosts(service, route);
            before.ifPresent(routing::endUnlessReachable);
            routing.endUnlessReachable(route); // with its home elsewhere, none of it is
            routes.put(service, hosts);
        }
        routing.finish();
    }

    @Override
    public void unroute(ServiceName service) {
        Routing routing = new Routing();
        synchronized (lock) {
            services.remove(service).ifPresent(routing::endUnlessReachable);
            limits.remove(service);
            routes.remove(service);
        }
        routing.finish();
    }

    /** What comes of routing some services; all but {@link #finish} under the lock. */
    private final class Routing {
        private final Set<RevisionPool> reachable = new HashSet<>();
        private final List<RevisionPool> loaded = new ArrayList<>();
        private final Map<RevisionName, StopReason> gone = new HashMap<>();

        /** The hosts of a service, whose pools are made if need be. */
        ServiceHosts hosts(ServiceName service, Route route) {
            Map<String, Split> byLabel = new HashMap<>();
            Split split =
                    homes.elsewhere(service)
                            .map(other -> there(other, service, route, byLabel))
                            .orElseGet(() -> here(service, route, byLabel));
            byLabel.put(service.value(), split);
            Map<String, Split> byDomain = new HashMap<>();
            route.domains().forEach(domain -> byDomain.put(domain.value(), split));
            return new ServiceHosts(byLabel, byDomain);
        }

        private Split here(ServiceName service, Route route, Map<String, Split> byLabel) {
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
            return shares.split();
        }

        private Split there(
                Peer other, ServiceName service, Route route, Map<String, Split> byLabel) {
            Split there = Split.at(other);
            for (Route.Share share : route.shares()) {
                proving.remove(share.revision().name());
                share.tags().forEach(tag -> byLabel.put(HostNames.label(tag, service), there));
            }
            return there;
        }

        void endUnlessReachable(Route route) {
            for (Route.Share share : route.shares()) {
                RevisionPool pool = pools.get(share.revision().name());
                if (pool != null) {
                    endUnlessReachable(pool);
                }
            }
        }

        void endUnlessReachable(RevisionPool pool) {
            RevisionSpec revision = pool.revision();
            if (!reachable.contains(pool) && !proving.contains(revision.name())) {
                gone.put(revision.name(), goneFor(revision.service()));
            }
        }

        void finish() {
            loaded.forEach(RevisionPool::keepMinimum);
            gone.forEach(Traffic.this::close);
        }
    }

    /** All domains that lead to services, and whose service it is. */
    public Map<String, ProjectName> domains() {
        return routes.domains();
    }

    private StopReason goneFor(ServiceName service) {
        if (services.of(service).isEmpty()) {
            return StopReason.DELETED;
        }
        return homes.elsewhere(service).isPresent() ? StopReason.MOVED : StopReason.REPLACED;
    }

    private Door door(ServiceName service, Route route) {
        return new Door(
                route.invokers(),
                spentProjects.contains(service.project())
                        || route.budget().stops() && spent.contains(service));
    }

    /** Where the requests of a service go now. */
    public Optional<Route> route(ServiceName service) {
        return services.of(service);
    }

    /** The routes of services that a rollout moves now. */
    public Map<ServiceName, Route> rolling() {
        return services.rolling();
    }

    /** The routes of services with a budget of their own. */
    public Map<ServiceName, Route> budgeted() {
        return services.budgeted();
    }

    /** The pool of a revision that may get requests here. */
    public Optional<RevisionPool> pool(RevisionName revision) {
        return Optional.ofNullable(pools.get(revision));
    }

    /** Whether this gateway sees to a service. */
    public boolean isHome(ServiceName service) {
        return homes.elsewhere(service).isEmpty();
    }

    /**
     * From now on the budgets of exactly these services are spent.
     *
     * @param projects to whose services nobody is let in
     */
    public void spent(Set<ServiceName> services, Set<ProjectName> projects) {
        synchronized (lock) {
            Set<ServiceName> changed = new HashSet<>(spent);
            changed.addAll(services);
            if (!projects.equals(spentProjects)) {
                changed.addAll(this.services.all().keySet());
            }
            spent = Set.copyOf(services);
            spentProjects = Set.copyOf(projects);
            for (ServiceName service : changed) {
                this.services.of(service).ifPresent(route -> setDoors(service, route));
            }
        }
    }

    private void setDoors(ServiceName service, Route route) {
        for (Route.Share share : route.shares()) {
            RevisionPool pool = pools.get(share.revision().name());
            if (pool != null) {
                pool.setDoor(door(service, route));
            }
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
        strays.removeIf(
                stray ->
                        stray.instance().revision().equals(revision.name())
                                && pool.adopt(stray.left));
        return pool;
    }

    private RevisionPool newPool(RevisionSpec revision) {
        RevisionPool pool =
                new RevisionPool(
                        revision,
                        runtime,
                        clock,
                        limits.getOrDefault(revision.service(), RequestLimits.NONE),
                        metering.begin(revision),
                        awake,
                        starter);
        all.add(pool);
        return pool;
    }

    /** Looks once, when nothing has been started yet, so that all there is was left. */
    private void findLeft() {
        if (!looked) {
            looked = true;
            long now = clock.nanos();
            for (RuntimePort.Left one : runtime.left()) {
                left.add(one.instance().id());
                strays.add(new Stray(one, now));
            }
        }
    }

    /** Another gateway has let go of an instance: whoever has its revision takes it. */
    private void arrived(RuntimePort.Left one) {
        StartedInstance instance = one.instance();
        RevisionPool pool;
        synchronized (lock) {
            pool = pools.get(instance.revision());
            if (pool == null) {
                strays.add(new Stray(one, clock.nanos()));
                return;
            }
        }
        if (!pool.adopt(one)) {
            runtime.stop(instance.id(), StopReason.SCALED_DOWN);
        }
    }

    /** An instance's node is about to stop: another takes its place, and its requests. */
    private void leaving(InstanceId instance) {
        all.forEach(pool -> pool.leave(instance));
    }

    /**
     * Every revision there is has been routed: stops the instances that an earlier run of the
     * platform left and no pool has taken over, because their revision is gone or has enough.
     */
    public void endWhatIsLeft() {
        Set<InstanceId> found;
        synchronized (lock) {
            findLeft();
            found = Set.copyOf(left);
        }
        endStrays(0);
        Set<InstanceId> alive =
                runtime.instances().stream().map(InstanceView::id).collect(Collectors.toSet());
        for (RevisionPool pool : pools.values()) {
            for (InstanceId id : pool.inFlight().keySet()) {
                if (found.contains(id) && !alive.contains(id)) {
                    pool.exited(id); // it may have ended before the pool had it
                }
            }
        }
    }

    /** Stops what came so long ago and no pool has taken. */
    public void endStrays(long nanos) {
        long oldest = clock.nanos() - nanos;
        List<Stray> over = new ArrayList<>();
        synchronized (lock) {
            for (Stray stray : strays) {
                if (stray.atNanos - oldest <= 0) {
                    over.add(stray);
                }
            }
            strays.removeAll(over);
        }
        for (Stray stray : over) {
            StartedInstance instance = stray.instance();
            runtime.stop(instance.id(), StopReason.REPLACED);
            if (!pools.containsKey(instance.revision())) {
                runtime.forget(instance.revision());
            }
        }
    }

    /**
     * Nothing of it is left; unless its revision is routed again, no start is asked for any more.
     */
    private void forget(RevisionPool pool) {
        closing.remove(pool);
        all.remove(pool);
        awake.remove(pool);
        metering.end(pool.meter());
        if (!pools.containsKey(pool.revision().name()) && pool.closedFor() != StopReason.MOVED) {
            runtime.forget(pool.revision().name());
        }
    }

    @Override
    public CompletionStage<Void> stopInstances(ServiceName service) {
        CompletionStage<Void> here = stopHere(service);
        Optional<Peer> home = homes.elsewhere(service);
        return home.isEmpty()
                ? here
                : here.thenCombine(
                        homes.stopInstances(home.get(), service), (stopped, too) -> stopped);
    }

    /** Stops the instances of a service that are this gateway's, whoever sees to it. */
    public CompletionStage<Void> stopHere(ServiceName service) {
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

    /** Those that time can change something in; see {@link RevisionPool#rest}. */
    public Collection<RevisionPool> awake() {
        return awake;
    }

    /** Requests in flight and waiting in all revisions. */
    public long activeRequests() {
        return all.stream().mapToLong(p -> p.demand().active()).sum();
    }
}
