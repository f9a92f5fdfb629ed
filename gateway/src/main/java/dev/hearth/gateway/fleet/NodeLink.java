package dev.hearth.gateway.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.nodeapi.ClusterToken;
import dev.hearth.nodeapi.v1.Beat;
import dev.hearth.nodeapi.v1.Event;
import dev.hearth.nodeapi.v1.Exit;
import dev.hearth.nodeapi.v1.Instance;
import dev.hearth.nodeapi.v1.NodeGrpc;
import dev.hearth.nodeapi.v1.WatchRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One node as this gateway knows it, and the way to it. What it says is handed to a {@link
 * Listener}, one thing at a time.
 */
final class NodeLink {
    private static final int MOST_MESSAGE_BYTES = 16 << 20;

    /** Beats with all there is that an instance is missing from before it counts as gone. */
    private static final int MOST_MISSED = 2;

    private final String host;
    private final int port;
    private final String gateway;
    private final ClusterToken token;
    private final Listener listener;
    private final Clock clock;
    private final Map<InstanceId, Instance> instances = new ConcurrentHashMap<>();
    private final Set<String> images = ConcurrentHashMap.newKeySet();
    private final Map<Long, Start> starts = new ConcurrentHashMap<>();
    private final Map<InstanceId, Integer> missed = new HashMap<>(); // only in its events
    private volatile Beat last = Beat.getDefaultInstance();
    private volatile ManagedChannel channel;
    private volatile boolean alive;
    private volatile boolean watching;
    private volatile long heardNanos;
    private volatile int generation; // of the watch; changed by one thread

    /**
     * A start that this gateway asked for; what it takes is in no heartbeat yet.
     *
     * @param over whether it has ended, so that the next heartbeat counts it
     */
    private record Start(RevisionSpec revision, boolean over) {
        Start ended() {
            return new Start(revision, true);
        }
    }

    /** Who is told what the node says. */
    interface Listener {
        /** It lives; {@code whole} when everything on it was told and is in {@link #instances}. */
        void beat(NodeLink node, boolean whole, boolean drainsNow);

        /** An instance began, or is another gateway's now. */
        void changed(NodeLink node, Instance instance);

        void exited(NodeLink node, Exit exit);

        /** It would have an instance stopped, for its memory. */
        void shortOfMemory(NodeLink node, InstanceId instance);

        /** An attempt at a job's task is over. */
        void taskEnded(NodeLink node);

        /** An instance is not there any more, and nobody heard how it ended. */
        void vanished(NodeLink node, Instance instance);
    }

    /**
     * @param gateway who asks
     */
    NodeLink(
            String host,
            int port,
            String gateway,
            ClusterToken token,
            Listener listener,
            Clock clock) {
        this.host = host;
        this.port = port;
        this.gateway = gateway;
        this.token = token;
        this.listener = listener;
        this.clock = clock;
        this.channel = connect();
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress(new InetSocketAddress(host, port))
                .usePlaintext()
                .directExecutor()
                .maxInboundMessageSize(MOST_MESSAGE_BYTES)
                .build();
    }

    String address() {
        return host + ":" + port;
    }

    /** What it calls itself; its address until it has said so. */
    String name() {
        String name = last.getNode();
        return name.isEmpty() ? address() : name;
    }

    /** For calls that end within so many seconds. */
    NodeGrpc.NodeStub calls(int seconds) {
        return NodeGrpc.newStub(channel)
                .withCallCredentials(token.credentials())
                .withDeadlineAfter(seconds, TimeUnit.SECONDS);
    }

    // ---- what is known of it

    /** Whether it has been heard of lately. */
    boolean isAlive() {
        return alive;
    }

    /** Whether it takes instances. */
    boolean takesInstances() {
        return alive && watching && !last.getDraining();
    }

    /** How often it was begun to be watched; it may be another process each time. */
    int watches() {
        return generation;
    }

    /** When it was last heard of. */
    long heardNanos() {
        return heardNanos;
    }

    Beat last() {
        return last;
    }

    boolean hasImage(String digest) {
        return images.contains(digest);
    }

    Set<String> images() {
        return Set.copyOf(images);
    }

    /** It has been given an image, and will say so. */
    void addImage(String digest) {
        images.add(digest);
    }

    Collection<Instance> instances() {
        return instances.values();
    }

    /** Instances of a revision that are there, or on their way. */
    int instancesOf(String revision) {
        int there = 0;
        for (Start start : starts.values()) {
            if (!start.over && start.revision.name().value().equals(revision)) {
                there++;
            }
        }
        for (Instance one : instances.values()) {
            if (one.getRevision().equals(revision)) {
                there++;
            }
        }
        return there;
    }

    void startBegins(long id, RevisionSpec revision) {
        starts.put(id, new Start(revision, false));
    }

    void startEnds(long id) {
        starts.computeIfPresent(id, (i, start) -> start.ended());
    }

    /**
     * CPU granted to nobody, without what starts have been promised since the last heartbeat: those
     * of a burst do not all go where it was emptiest. Memory is not promised: what an instance
     * takes is far below its limit as a rule, and nobody is refused for what might be taken.
     */
    int freeCpuMillis() {
        int promised = 0;
        for (Start start : starts.values()) {
            promised += start.revision.resources().cpu().millis();
        }
        return last.getFreeCpuMillis() - promised;
    }

    void put(Instance instance) {
        instances.put(new InstanceId(instance.getId()), instance);
    }

    void remove(InstanceId id) {
        instances.remove(id);
    }

    /** The way for requests to its instances. */
    StartedInstance.Relay relay() {
        return new StartedInstance.Relay(host, last.getRelayPort(), token.secret());
    }

    // ---- watching

    /** Begins to watch it, unless that is done already. */
    void watch() {
        if (watching) {
            return;
        }
        watching = true;
        int mine = ++generation;
        channel.resetConnectBackoff(); // it may be up again by now, whatever gRPC thinks
        NodeGrpc.newStub(channel)
                .withCallCredentials(token.credentials())
                .watch(
                        WatchRequest.newBuilder().setGateway(gateway).build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(Event event) {
                                if (mine == generation) {
                                    heardNanos = clock.nanos();
                                    take(event);
                                }
                            }

                            @Override
                            public void onError(Throwable failure) {
                                ended(mine);
                            }

                            @Override
                            public void onCompleted() {
                                ended(mine);
                            }
                        });
    }

    private void ended(int which) {
        if (which == generation) {
            watching = false;
        }
    }

    private void take(Event event) {
        switch (event.getEventCase()) {
            case BEAT -> beat(event.getBeat());
            case CHANGED -> {
                put(event.getChanged().toBuilder().clearPaidAheadNanos().build());
                listener.changed(this, event.getChanged());
            }
            case EXIT -> {
                remove(new InstanceId(event.getExit().getInstance()));
                listener.exited(this, event.getExit());
            }
            case SHORTAGE -> listener.shortOfMemory(this, new InstanceId(event.getShortage()));
            case TASK_ENDED -> listener.taskEnded(this);
            case EVENT_NOT_SET -> {} // of a later release
        }
    }

    private void beat(Beat beat) {
        boolean drainsNow = beat.getDraining() && !last.getDraining();
        starts.values().removeIf(Start::over);
        last = beat.toBuilder().clearInstances().clearImages().build();
        alive = true;
        if (beat.getWhole()) {
            whole(beat);
        }
        listener.beat(this, beat.getWhole(), drainsNow);
    }

    /** Takes a complete account; what is missing from two of them is gone. */
    private void whole(Beat beat) {
        images.retainAll(beat.getImagesList());
        images.addAll(beat.getImagesList());
        Set<InstanceId> there = new HashSet<>();
        for (Instance one : beat.getInstancesList()) {
            there.add(new InstanceId(one.getId()));
            put(one);
        }
        missed.keySet().removeAll(there);
        for (Instance one : List.copyOf(instances.values())) {
            InstanceId id = new InstanceId(one.getId());
            if (!there.contains(id) && missed.merge(id, 1, Integer::sum) >= MOST_MISSED) {
                missed.remove(id);
                remove(id);
                listener.vanished(this, one);
            }
        }
    }

    /** It is not heard of any more: breaks off what is under way, and begins anew. */
    void lost() {
        alive = false;
        generation++;
        watching = false;
        instances.clear();
        starts.values().removeIf(Start::over);
        channel.shutdownNow();
        channel = connect();
    }

    /** Like {@link #lost}, for good. */
    void close() {
        alive = false;
        channel.shutdownNow();
    }

    @Override
    public String toString() {
        return name() + " at " + address();
    }
}
