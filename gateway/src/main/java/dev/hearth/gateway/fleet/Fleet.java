package dev.hearth.gateway.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.route.Peer;
import dev.hearth.nodeapi.Failures;
import dev.hearth.nodeapi.Messages;
import dev.hearth.nodeapi.v1.Exit;
import dev.hearth.nodeapi.v1.ForgetRequest;
import dev.hearth.nodeapi.v1.FreezeRequest;
import dev.hearth.nodeapi.v1.Instance;
import dev.hearth.nodeapi.v1.LogsRequest;
import dev.hearth.nodeapi.v1.OwnRequest;
import dev.hearth.nodeapi.v1.SetCpuRequest;
import dev.hearth.nodeapi.v1.StartReply;
import dev.hearth.nodeapi.v1.StartRequest;
import dev.hearth.nodeapi.v1.StopRequest;
import dev.hearth.nodeapi.v1.ThawRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Many nodes as one runtime. Starts go straight to the node that is chosen; instances are this
 * gateway's as long as it sees to their service, and are handed over when another one does.
 */
public final class Fleet implements RuntimePort, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Fleet.class);

    /** The longest start-up a container may take (240 s), and time to clear up after it. */
    private static final int START_SECONDS = 260;

    private static final int STOP_SECONDS = 60;
    private static final int CALL_SECONDS = 5;

    /** Nodes whose logs are in memory at a time: what containers print can be megabytes of each. */
    private static final int LOGS_AT_ONCE = 4;

    /** Nodes that a start is tried on. */
    private static final int MOST_TRIES = 3;

    private final String me;
    private final Nodes nodes;
    private final Peers peers;
    private final Clock clock;
    private final InOrder inOrder = new InOrder();

    /** The instances that are this gateway's. */
    private final Map<InstanceId, Mine> mine = new ConcurrentHashMap<>();

    /** Numbers of starts that are under way. */
    private final Set<Long> starting = ConcurrentHashMap.newKeySet();

    /** Where instances of a revision were started, so that those nodes can forget it. */
    private final Map<RevisionName, Set<NodeLink>> ran = new ConcurrentHashMap<>();

    private final List<Consumer<InstanceExit>> exits = new CopyOnWriteArrayList<>();
    private final List<Consumer<Left>> arrivals = new CopyOnWriteArrayList<>();
    private final List<Consumer<InstanceId>> shortages = new CopyOnWriteArrayList<>();
    private final List<Consumer<InstanceId>> leavings = new CopyOnWriteArrayList<>();

    private final List<Consumer<NodeLink>> taskEnds = new CopyOnWriteArrayList<>();
    private final List<Consumer<NodeLink>> accounts = new CopyOnWriteArrayList<>();

    private record Mine(NodeLink node, RevisionName revision, String service) {}

    public Fleet(Nodes nodes, Peers peers, String gateway, Clock clock) {
        this.me = gateway;
        this.nodes = nodes;
        this.peers = peers;
        this.clock = clock;
        nodes.listen(new Hearing(), this::lost);
        peers.onChange(this::claimAll);
    }

    // ---- starting

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        return start(revision, SecretValues.NONE);
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision, SecretValues secrets) {
        CompletableFuture<StartedInstance> result = new CompletableFuture<>();
        start(revision, secrets, new HashSet<>(), result);
        return result;
    }

    /**
     * @param tried nodes that did not do
     */
    private void start(
            RevisionSpec revision,
            SecretValues secrets,
            Set<NodeLink> tried,
            CompletableFuture<StartedInstance> result) {
        Optional<NodeLink> chosen = nodes.place(revision, tried);
        if (chosen.isEmpty()) {
            result.completeExceptionally(nodes.noneFor(revision));
            return;
        }
        NodeLink node = chosen.get();
        long startId = ThreadLocalRandom.current().nextLong();
        starting.add(startId);
        node.startBegins(startId, revision);
        ran.computeIfAbsent(revision.name(), r -> ConcurrentHashMap.newKeySet()).add(node);
        StartRequest request =
                StartRequest.newBuilder()
                        .setRevision(Messages.of(revision))
                        .setStartId(startId)
                        .setGateway(me)
                        .addAllSecrets(Messages.of(secrets))
                        .build();
        Calls.<StartRequest, StartReply>call(node.calls(START_SECONDS)::start, request)
                .whenComplete(
                        (reply, failure) -> {
                            if (failure == null) {
                                StartedInstance started = started(node, reply);
                                starting.remove(startId);
                                node.startEnds(startId);
                                result.complete(started);
                                return;
                            }
                            starting.remove(startId);
                            node.startEnds(startId);
                            HearthException why = Failures.from(failure, node.name());
                            tried.add(node);
                            boolean elsewhere =
                                    Failures.isOfTheWay(failure)
                                            || why.kind() == ErrorKind.UNAVAILABLE;
                            if (elsewhere && tried.size() < MOST_TRIES) {
                                LOG.infof("%s; trying another node", why.sentence());
                                start(revision, secrets, tried, result);
                            } else {
                                result.completeExceptionally(why);
                            }
                        });
    }

    private StartedInstance started(NodeLink node, StartReply reply) {
        Instance m = reply.getInstance();
        node.put(m);
        StartedInstance started = instance(node, m, Messages.timings(reply.getTimings()));
        mine.put(started.id(), new Mine(node, started.revision(), m.getService()));
        return started;
    }

    private static StartedInstance instance(NodeLink node, Instance m, StartTimings timings) {
        return new StartedInstance(
                new InstanceId(m.getId()),
                new RevisionName(m.getRevision()),
                m.getHost(),
                m.getPort(),
                timings,
                Optional.of(node.relay()));
    }

    // ---- what else gateways ask

    @Override
    public CompletionStage<Void> stop(InstanceId instance, StopReason reason) {
        Mine known = mine.get(instance);
        if (known == null) {
            return CompletableFuture.completedFuture(null);
        }
        StopRequest request =
                StopRequest.newBuilder()
                        .setInstance(instance.value())
                        .setReason(reason.name())
                        .build();
        return Calls.call(known.node.calls(STOP_SECONDS)::stop, request)
                .handle(
                        (done, failure) -> {
                            if (failure != null) { // it is stopped when its node is heard of again
                                LOG.infof(
                                        "stopping %s: %s",
                                        instance,
                                        Failures.from(failure, known.node.name()).sentence());
                            }
                            mine.remove(instance);
                            return null;
                        });
    }

    @Override
    public void setCpu(InstanceId instance, Cpu quota, boolean idle) {
        SetCpuRequest request =
                SetCpuRequest.newBuilder()
                        .setInstance(instance.value())
                        .setCpuMillis(quota.millis())
                        .setIdle(idle)
                        .build();
        var _ = ask(instance, node -> Calls.call(node.calls(CALL_SECONDS)::setCpu, request));
    }

    @Override
    public void freeze(InstanceId instance, Warmth warmth) {
        FreezeRequest request =
                FreezeRequest.newBuilder()
                        .setInstance(instance.value())
                        .setPaged(warmth == Warmth.PAGED)
                        .build();
        var _ = ask(instance, node -> Calls.call(node.calls(CALL_SECONDS)::freeze, request));
    }

    @Override
    public CompletionStage<Void> thaw(InstanceId instance) {
        ThawRequest request = ThawRequest.newBuilder().setInstance(instance.value()).build();
        return ask(instance, node -> Calls.call(node.calls(CALL_SECONDS)::thaw, request));
    }

    /**
     * Asks something of an instance's node, after what was asked before; no more when it is gone.
     */
    private <R> CompletableFuture<Void> ask(
            InstanceId instance, Function<NodeLink, CompletableFuture<R>> call) {
        return inOrder.call(
                instance,
                () -> {
                    Mine known = mine.get(instance);
                    return known == null
                            ? CompletableFuture.completedFuture(null)
                            : call.apply(known.node)
                                    .handle(
                                            (done, failure) -> {
                                                if (failure != null) {
                                                    throw Failures.from(failure, known.node.name());
                                                }
                                                return null;
                                            });
                });
    }

    @Override
    public void forget(RevisionName revision) {
        Set<NodeLink> there = ran.remove(revision);
        if (there != null) {
            ForgetRequest request =
                    ForgetRequest.newBuilder().setRevision(revision.value()).build();
            there.forEach(node -> node.calls(CALL_SECONDS).forget(request, Ignored.of()));
        }
    }

    @Override
    public CompletionStage<Void> handOver(InstanceId instance, Duration paidAhead) {
        Mine known = mine.get(instance);
        if (known == null) {
            return CompletableFuture.completedFuture(null);
        }
        Optional<Peer> home = peers.elsewhere(new ServiceName(known.service));
        if (home.isEmpty()) { // it has come back meanwhile
            mine.remove(instance);
            known.node.instances().stream()
                    .filter(m -> m.getId().equals(instance.value()))
                    .map(m -> m.toBuilder().setPaidAheadNanos(paidAhead.toNanos()).build())
                    .forEach(m -> arrive(known.node, m));
            return CompletableFuture.completedFuture(null);
        }
        mine.remove(instance);
        return own(known.node, instance.value(), me, home.get().id(), paidAhead);
    }

    private CompletionStage<Void> own(NodeLink node, String instance, String from, String to) {
        return own(node, instance, from, to, Duration.ZERO);
    }

    private CompletionStage<Void> own(
            NodeLink node, String instance, String from, String to, Duration paidAhead) {
        OwnRequest request =
                OwnRequest.newBuilder()
                        .setInstance(instance)
                        .setFrom(from)
                        .setTo(to)
                        .setPaidAheadNanos(paidAhead.toNanos())
                        .build();
        return Calls.call(node.calls(CALL_SECONDS)::own, request).handle((done, no) -> null);
    }

    @Override
    public List<InstanceView> instances() {
        List<InstanceView> views = new ArrayList<>();
        for (NodeLink node : nodes.alive()) {
            node.instances().forEach(m -> views.add(Messages.view(m, node.name())));
        }
        return views;
    }

    @Override
    public List<Left> left() {
        List<Left> left = new ArrayList<>();
        for (NodeLink node : nodes.alive()) {
            for (Instance m : node.instances()) {
                if (m.getGateway().equals(me) && take(node, m)) {
                    left.add(arrival(node, m));
                }
            }
        }
        return left;
    }

    @Override
    public void onExit(Consumer<InstanceExit> listener) {
        exits.add(listener);
    }

    @Override
    public void onShortage(Consumer<InstanceId> listener) {
        shortages.add(listener);
    }

    /** Tells of nodes where an attempt at a job's task is over. */
    void onTaskEnd(Consumer<NodeLink> listener) {
        taskEnds.add(listener);
    }

    /** Tells of nodes that have just told everything that is on them. */
    void onAccount(Consumer<NodeLink> listener) {
        accounts.add(listener);
    }

    @Override
    public void onArrival(Consumer<Left> listener) {
        arrivals.add(listener);
    }

    @Override
    public void onLeaving(Consumer<InstanceId> listener) {
        leavings.add(listener);
    }

    @Override
    public LogPage logs(ServiceName service, String cursor, int most) {
        FleetLogs pages = FleetLogs.parse(cursor);
        List<NodeLink> alive = nodes.alive();
        for (int i = 0; i < alive.size() && !pages.isFull(); i += LOGS_AT_ONCE) {
            List<NodeLink> asked = alive.subList(i, Math.min(alive.size(), i + LOGS_AT_ONCE));
            List<CompletableFuture<LogPage>> answers =
                    asked.stream().map(node -> logs(node, service, pages, most)).toList();
            for (int j = 0; j < asked.size(); j++) {
                pages.add(asked.get(j).address(), answers.get(j).join());
            }
        }
        return pages.page();
    }

    private static CompletableFuture<LogPage> logs(
            NodeLink node, ServiceName service, FleetLogs pages, int most) {
        String cursor = pages.of(node.address());
        LogsRequest request =
                LogsRequest.newBuilder()
                        .setService(service.value())
                        .setCursor(cursor)
                        .setMost(most)
                        .build();
        return Calls.call(node.calls(CALL_SECONDS)::logs, request)
                .handle(
                        (reply, failure) -> {
                            if (failure == null) {
                                return Messages.page(reply);
                            }
                            if (!Failures.isOfTheWay(failure)) {
                                throw Failures.from(failure, node.name());
                            }
                            return new LogPage(List.of(), cursor);
                        });
    }

    // ---- what nodes tell

    private final class Hearing implements NodeLink.Listener {
        @Override
        public void beat(NodeLink node, boolean whole, boolean drainsNow) {
            if (whole) {
                node.instances().forEach(m -> look(node, m));
                accounts.forEach(l -> l.accept(node));
            }
            if (drainsNow) {
                LOG.infof("node %s is about to stop; its instances are replaced", node);
                mine.forEach(
                        (id, one) -> {
                            if (one.node == node) {
                                leavings.forEach(l -> l.accept(id));
                            }
                        });
            }
        }

        @Override
        public void changed(NodeLink node, Instance instance) {
            look(node, instance);
        }

        @Override
        public void exited(NodeLink node, Exit exit) {
            InstanceExit known = Messages.exit(exit);
            if (mine.remove(known.id()) != null) {
                exits.forEach(l -> l.accept(known));
            }
        }

        @Override
        public void shortOfMemory(NodeLink node, InstanceId instance) {
            if (mine.containsKey(instance)) {
                shortages.forEach(l -> l.accept(instance));
            }
        }

        @Override
        public void taskEnded(NodeLink node) {
            taskEnds.forEach(l -> l.accept(node));
        }

        @Override
        public void vanished(NodeLink node, Instance instance) {
            gone(new InstanceId(instance.getId()), new ExitCause.Unwatched());
        }
    }

    /** Sees whose an instance is, and whose it should be. */
    private void look(NodeLink node, Instance m) {
        InstanceId id = new InstanceId(m.getId());
        if (m.getGateway().equals(me)) {
            if (!mine.containsKey(id) && !starting.contains(m.getStartId())) {
                arrive(node, m);
            }
            return;
        }
        if (mine.containsKey(id)) {
            gone(id, new ExitCause.Stopped(StopReason.MOVED)); // another one's: not for us any more
        } else if (isForMe(m)) {
            var _ = own(node, m.getId(), m.getGateway(), me);
        }
    }

    /** Whether an instance is nobody's who is there, and of a service that this gateway sees to. */
    private boolean isForMe(Instance m) {
        boolean nobodys = m.getGateway().isEmpty() || !peers.isThere(m.getGateway());
        return nobodys && peers.elsewhere(new ServiceName(m.getService())).isEmpty();
    }

    /** An instance is this gateway's now, unless it is for another one already. */
    private void arrive(NodeLink node, Instance m) {
        Optional<Peer> home = peers.elsewhere(new ServiceName(m.getService()));
        if (home.isPresent()) {
            var _ = own(node, m.getId(), me, home.get().id());
        } else if (take(node, m)) {
            Left arrival = arrival(node, m);
            arrivals.forEach(l -> l.accept(arrival));
        }
    }

    private boolean take(NodeLink node, Instance m) {
        RevisionName revision = new RevisionName(m.getRevision());
        ran.computeIfAbsent(revision, r -> ConcurrentHashMap.newKeySet()).add(node);
        return mine.putIfAbsent(new InstanceId(m.getId()), new Mine(node, revision, m.getService()))
                == null;
    }

    /** It may be frozen, for all that is known here; thawing one that is not changes nothing. */
    private static Left arrival(NodeLink node, Instance m) {
        Instant begun = Instant.ofEpochSecond(m.getStartedAt().getSeconds());
        return new Left(
                instance(node, m, new StartTimings(begun, 0, 0, 0, 0, 0)),
                true,
                Duration.ofNanos(m.getPaidAheadNanos()));
    }

    /** Other gateways have come or gone: what was theirs may be this one's to see to. */
    private void claimAll() {
        for (NodeLink node : nodes.alive()) {
            for (Instance m : node.instances()) {
                if (!m.getGateway().equals(me) && isForMe(m)) {
                    var _ = own(node, m.getId(), m.getGateway(), me);
                }
            }
        }
    }

    /** A node is not heard of any more. */
    private void lost(NodeLink node) {
        LOG.warnf("node %s does not answer; its instances are replaced", node);
        List<InstanceId> theirs = new ArrayList<>();
        mine.forEach(
                (id, one) -> {
                    if (one.node == node) {
                        theirs.add(id);
                    }
                });
        node.lost();
        theirs.forEach(id -> gone(id, new ExitCause.NodeLost(node.name())));
    }

    private void gone(InstanceId id, ExitCause cause) {
        Mine known = mine.remove(id);
        if (known != null) {
            InstanceExit exit = new InstanceExit(id, known.revision, cause, clock.now());
            exits.forEach(l -> l.accept(exit));
        }
    }

    /** Waits until every node has been heard of, or for so long. */
    public void awaitNodes(Duration longest) {
        nodes.start(longest);
    }

    @Override
    public void close() {
        nodes.close();
    }

    /** Of calls whose answer changes nothing. */
    private static final class Ignored {
        static <R> StreamObserver<R> of() {
            return new StreamObserver<>() {
                @Override
                public void onNext(R message) {}

                @Override
                public void onError(Throwable failure) {
                    LOG.debugf("a node was not told: %s", failure.getMessage());
                }

                @Override
                public void onCompleted() {}
            };
        }
    }
}
