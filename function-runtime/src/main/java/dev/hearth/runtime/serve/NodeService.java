package dev.hearth.runtime.serve;

import com.google.protobuf.ByteString;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServedImages;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.Warmth;
import dev.hearth.nodeapi.Failures;
import dev.hearth.nodeapi.Messages;
import dev.hearth.nodeapi.v1.Beat;
import dev.hearth.nodeapi.v1.BillOfMaterialsReply;
import dev.hearth.nodeapi.v1.Event;
import dev.hearth.nodeapi.v1.ForgetReply;
import dev.hearth.nodeapi.v1.ForgetRequest;
import dev.hearth.nodeapi.v1.ForgetTaskReply;
import dev.hearth.nodeapi.v1.ForgetTaskRequest;
import dev.hearth.nodeapi.v1.FreezeReply;
import dev.hearth.nodeapi.v1.FreezeRequest;
import dev.hearth.nodeapi.v1.Image;
import dev.hearth.nodeapi.v1.ImagesReply;
import dev.hearth.nodeapi.v1.ImagesRequest;
import dev.hearth.nodeapi.v1.Instance;
import dev.hearth.nodeapi.v1.LogsReply;
import dev.hearth.nodeapi.v1.LogsRequest;
import dev.hearth.nodeapi.v1.NodeGrpc;
import dev.hearth.nodeapi.v1.OwnReply;
import dev.hearth.nodeapi.v1.OwnRequest;
import dev.hearth.nodeapi.v1.PrefetchReply;
import dev.hearth.nodeapi.v1.PruneReply;
import dev.hearth.nodeapi.v1.PruneRequest;
import dev.hearth.nodeapi.v1.ResolveRequest;
import dev.hearth.nodeapi.v1.RunTaskReply;
import dev.hearth.nodeapi.v1.RunTaskRequest;
import dev.hearth.nodeapi.v1.ServingReply;
import dev.hearth.nodeapi.v1.ServingRequest;
import dev.hearth.nodeapi.v1.SetCpuReply;
import dev.hearth.nodeapi.v1.SetCpuRequest;
import dev.hearth.nodeapi.v1.StartReply;
import dev.hearth.nodeapi.v1.StartRequest;
import dev.hearth.nodeapi.v1.StopReply;
import dev.hearth.nodeapi.v1.StopRequest;
import dev.hearth.nodeapi.v1.StopTaskReply;
import dev.hearth.nodeapi.v1.StopTaskRequest;
import dev.hearth.nodeapi.v1.TasksReply;
import dev.hearth.nodeapi.v1.TasksRequest;
import dev.hearth.nodeapi.v1.ThawReply;
import dev.hearth.nodeapi.v1.ThawRequest;
import dev.hearth.nodeapi.v1.WatchRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The node's own ports, for whoever calls them over the network. Calls come on virtual threads and
 * may block.
 */
final class NodeService extends NodeGrpc.NodeImplBase {
    private static final int MOST_LOG_LINES = 10_000;

    /** This node, to its own ports. */
    private static final String HERE = "";

    private final String name;
    private final RuntimePort runtime;
    private final TaskPort tasks;
    private final ImagePort images;
    private final ImageAdminPort store;
    private final NodeCondition condition;
    private final int relayPort;
    private final Tenancy tenancy;
    private final Watchers watchers = new Watchers();
    private volatile boolean draining;

    NodeService(
            String name,
            RuntimePort runtime,
            TaskPort tasks,
            ImagePort images,
            ImageAdminPort store,
            NodeCondition condition,
            int relayPort,
            Clock clock) {
        this.name = name;
        this.runtime = runtime;
        this.tasks = tasks;
        this.images = images;
        this.store = store;
        this.condition = condition;
        this.relayPort = relayPort;
        this.tenancy = new Tenancy(clock);
        runtime.onExit(this::exited);
        runtime.onShortage(id -> watchers.tell(Event.newBuilder().setShortage(id.value()).build()));
        tasks.onEnd(() -> watchers.tell(Event.newBuilder().setTaskEnded(true).build()));
        tenancy.adopt(runtime.instances());
    }

    /** Whether an address is that of an instance that is a gateway's. */
    boolean isInstance(String host, int port) {
        return tenancy.isInstance(host, port);
    }

    // ---- instances

    @Override
    public void start(StartRequest m, StreamObserver<StartReply> to) {
        reply(
                to,
                () -> {
                    requireStaying();
                    RevisionSpec revision = Messages.revision(m.getRevision());
                    return tenancy.start(
                            m.getGateway(),
                            m.getStartId(),
                            revision,
                            () -> runtime.start(revision, Messages.secrets(m.getSecretsList())));
                },
                started -> {
                    Instance instance = instance(started);
                    watchers.tell(Event.newBuilder().setChanged(instance).build());
                    return StartReply.newBuilder()
                            .setInstance(instance)
                            .setTimings(Messages.of(started.timings()))
                            .build();
                });
    }

    private void requireStaying() {
        if (draining) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "node-draining",
                    "node " + name + " is about to stop; start the instance on another");
        }
    }

    private Instance instance(StartedInstance started) {
        return tenancy.lease(started.id())
                .map(NodeService::message)
                .orElseThrow(
                        () ->
                                new HearthException(
                                        ErrorKind.FAILED_PRECONDITION,
                                        "container-exited",
                                        "the container ended as soon as it was ready"));
    }

    /** All that a gateway needs to send requests there. */
    private static Instance message(Tenancy.Lease lease) {
        return Instance.newBuilder()
                .setId(lease.id().value())
                .setRevision(lease.revision().value())
                .setService(lease.service())
                .setState("ready")
                .setHost(lease.host())
                .setPort(lease.port())
                .setGateway(lease.gateway())
                .setStartId(lease.startId())
                .build();
    }

    @Override
    public void stop(StopRequest m, StreamObserver<StopReply> to) {
        reply(
                to,
                () -> runtime.stop(new InstanceId(m.getInstance()), Messages.reason(m.getReason())),
                stopped -> StopReply.getDefaultInstance());
    }

    @Override
    public void setCpu(SetCpuRequest m, StreamObserver<SetCpuReply> to) {
        answer(
                to,
                () -> {
                    runtime.setCpu(
                            new InstanceId(m.getInstance()),
                            new Cpu(m.getCpuMillis()),
                            m.getIdle());
                    return SetCpuReply.getDefaultInstance();
                });
    }

    @Override
    public void freeze(FreezeRequest m, StreamObserver<FreezeReply> to) {
        answer(
                to,
                () -> {
                    runtime.freeze(
                            new InstanceId(m.getInstance()),
                            m.getPaged() ? Warmth.PAGED : Warmth.FROZEN);
                    return FreezeReply.getDefaultInstance();
                });
    }

    @Override
    public void thaw(ThawRequest m, StreamObserver<ThawReply> to) {
        reply(
                to,
                () -> runtime.thaw(new InstanceId(m.getInstance())),
                thawed -> ThawReply.getDefaultInstance());
    }

    @Override
    public void forget(ForgetRequest m, StreamObserver<ForgetReply> to) {
        answer(
                to,
                () -> {
                    runtime.forget(new RevisionName(m.getRevision()));
                    return ForgetReply.getDefaultInstance();
                });
    }

    @Override
    public void own(OwnRequest m, StreamObserver<OwnReply> to) {
        answer(
                to,
                () -> {
                    Tenancy.Lease lease =
                            tenancy.own(new InstanceId(m.getInstance()), m.getFrom(), m.getTo())
                                    .orElseThrow(() -> noInstance(m.getInstance()));
                    boolean moved = lease.gateway().equals(m.getTo());
                    Instance changed =
                            message(lease).toBuilder()
                                    .setPaidAheadNanos(moved ? m.getPaidAheadNanos() : 0)
                                    .build();
                    watchers.tell(Event.newBuilder().setChanged(changed).build());
                    return OwnReply.newBuilder().setGateway(lease.gateway()).build();
                });
    }

    private HearthException noInstance(String id) {
        return new HearthException(
                ErrorKind.NOT_FOUND, "no-such-instance", "node " + name + " has no instance " + id);
    }

    private void exited(InstanceExit exit) {
        tenancy.ended(exit);
        watchers.tell(Event.newBuilder().setExit(Messages.of(exit)).build());
    }

    @Override
    public void logs(LogsRequest m, StreamObserver<LogsReply> to) {
        answer(
                to,
                () ->
                        Messages.of(
                                runtime.logs(
                                        new ServiceName(m.getService()),
                                        m.getCursor(),
                                        Math.clamp(m.getMost(), 1, MOST_LOG_LINES))));
    }

    // ---- tasks

    @Override
    public void runTask(RunTaskRequest m, StreamObserver<RunTaskReply> to) {
        reply(
                to,
                () -> {
                    requireStaying();
                    return tasks.run(
                            HERE,
                            Messages.revision(m.getRevision()),
                            Messages.secrets(m.getSecretsList()));
                },
                begun -> RunTaskReply.getDefaultInstance());
    }

    @Override
    public void stopTask(StopTaskRequest m, StreamObserver<StopTaskReply> to) {
        reply(
                to,
                () ->
                        tasks.stop(
                                HERE,
                                new RevisionName(m.getAttempt()),
                                Messages.reason(m.getReason())),
                stopped -> StopTaskReply.getDefaultInstance());
    }

    @Override
    public void tasks(TasksRequest m, StreamObserver<TasksReply> to) {
        reply(
                to,
                () -> tasks.reports(HERE),
                all ->
                        TasksReply.newBuilder()
                                .addAllTasks(all.stream().map(Messages::of).toList())
                                .build());
    }

    @Override
    public void forgetTask(ForgetTaskRequest m, StreamObserver<ForgetTaskReply> to) {
        reply(
                to,
                () -> tasks.forget(HERE, new RevisionName(m.getAttempt())),
                forgotten -> ForgetTaskReply.getDefaultInstance());
    }

    // ---- images

    @Override
    public void resolve(ResolveRequest m, StreamObserver<Image> to) {
        answer(
                to,
                () ->
                        Messages.of(
                                images.resolve(
                                        Messages.project(m.getProject()), m.getReference())));
    }

    @Override
    public void prefetch(Image m, StreamObserver<PrefetchReply> to) {
        answer(
                to,
                () -> {
                    images.prefetch(Messages.image(m));
                    return PrefetchReply.getDefaultInstance();
                });
    }

    @Override
    public void serving(ServingRequest m, StreamObserver<ServingReply> to) {
        answer(
                to,
                () -> {
                    images.serving(served(m));
                    return ServingReply.getDefaultInstance();
                });
    }

    private static ServedImages served(ServingRequest m) {
        Set<String> kept = Set.copyOf(m.getKeptList());
        Set<String> served = Set.copyOf(m.getDigestsList());
        return digest -> {
            if (kept.contains(digest.value())) {
                return ServedImages.Need.ALWAYS;
            }
            return served.contains(digest.value())
                    ? ServedImages.Need.SERVES
                    : ServedImages.Need.NONE;
        };
    }

    @Override
    public void images(ImagesRequest m, StreamObserver<ImagesReply> to) {
        answer(to, () -> Messages.of(store.images()));
    }

    @Override
    public void prune(PruneRequest m, StreamObserver<PruneReply> to) {
        answer(
                to,
                () -> {
                    Set<Digest> keep =
                            m.getKeepList().stream().map(Digest::new).collect(Collectors.toSet());
                    ImageAdminPort.Pruned pruned = store.prune(keep);
                    return PruneReply.newBuilder()
                            .setImages(pruned.images())
                            .setBytes(pruned.bytes())
                            .build();
                });
    }

    @Override
    public void billOfMaterials(ResolveRequest m, StreamObserver<BillOfMaterialsReply> to) {
        answer(
                to,
                () ->
                        BillOfMaterialsReply.newBuilder()
                                .setJson(
                                        ByteString.copyFrom(
                                                store.billOfMaterials(
                                                        Messages.project(m.getProject()),
                                                        m.getReference())))
                                .build());
    }

    // ---- watching

    @Override
    public void watch(WatchRequest m, StreamObserver<Event> to) {
        watchers.add((ServerCallStreamObserver<Event>) to, this::whole);
    }

    /**
     * Tells everybody that the node lives.
     *
     * @param whole whether to tell of everything on it
     */
    void beat(boolean whole) {
        watchers.beat(whole ? whole() : Event.newBuilder().setBeat(condition()).build());
    }

    private Event whole() {
        Beat.Builder beat = condition().setWhole(true);
        store.images().images().forEach(image -> beat.addImages(image.digest().value()));
        store.pulls().forEach(pull -> beat.addPulls(Messages.of(pull)));
        for (InstanceView i : runtime.instances()) {
            // one that has no lease is being started, or has ended
            tenancy.lease(i.id())
                    .ifPresent(l -> beat.addInstances(Messages.of(i, l.gateway(), l.startId())));
        }
        return Event.newBuilder().setBeat(beat).build();
    }

    private Beat.Builder condition() {
        return Beat.newBuilder()
                .setNode(name)
                .setDraining(draining)
                .setMemoryBytes(condition.memoryBytes())
                .setFreeMemoryBytes(condition.freeMemoryBytes())
                .setCpuMillis(condition.cpuMillis())
                .setFreeCpuMillis(condition.freeCpuMillis())
                .setFreeSlots(condition.freeSlots())
                .setRelayPort(relayPort);
    }

    /** Takes no more starts, and tells so. */
    void drain() {
        draining = true;
        beat(true);
    }

    /** Instances that gateways have not stopped yet. */
    int instances() {
        return tenancy.all().size();
    }

    void end() {
        watchers.end();
    }

    // ---- answering

    private static <R> void answer(StreamObserver<R> to, Supplier<R> work) {
        R result;
        try {
            result = work.get();
        } catch (RuntimeException e) {
            to.onError(Failures.of(e));
            return;
        }
        to.onNext(result);
        to.onCompleted();
    }

    private static <T, R> void reply(
            StreamObserver<R> to, Supplier<CompletionStage<T>> work, Function<T, R> message) {
        CompletionStage<T> stage;
        try {
            stage = work.get();
        } catch (RuntimeException e) {
            to.onError(Failures.of(e));
            return;
        }
        stage.whenComplete(
                (done, failure) ->
                        answer(
                                to,
                                () -> {
                                    if (failure != null) {
                                        throw HearthException.from(failure);
                                    }
                                    return message.apply(done);
                                }));
    }
}
