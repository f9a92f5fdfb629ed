package dev.hearth.gateway.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.nodeapi.v1.Beat;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The platform's nodes: finds them by name, watches each, and notices when one is not heard of any
 * more, which takes {@link #SILENCE} and a quarter of a second.
 */
public final class Nodes implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Nodes.class);

    /** Five heartbeats. */
    static final Duration SILENCE = Duration.ofMillis(2_500);

    private static final long LOOK_MILLIS = 250;
    private static final long LOOK_UP_MILLIS = 3_000;

    private final FleetSettings settings;
    private final Clock clock;
    private final Map<String, NodeLink> byAddress = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("node-watch").factory());
    private NodeLink.@Nullable Listener listener;
    private Consumer<NodeLink> lost = node -> {};

    public Nodes(FleetSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Who is told of everything; to be called before {@link #start}.
     *
     * @param lost of nodes that are not heard of any more
     */
    void listen(NodeLink.Listener listener, Consumer<NodeLink> lost) {
        this.listener = listener;
        this.lost = lost;
    }

    /** Begins to watch, and waits until every node has been heard of, or for so long. */
    void start(Duration longest) {
        lookUp();
        thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(
                this::lookUpSafely, LOOK_UP_MILLIS, LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
        long deadline = clock.nanos() + longest.toNanos();
        try {
            while (alive().size() < byAddress.size() && clock.nanos() - deadline < 0) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.infof("%d of %d nodes answer", alive().size(), byAddress.size());
    }

    /** A scheduled task that throws is never run again; one bad look must not end them all. */
    private void look() {
        try {
            long now = clock.nanos();
            for (NodeLink node : byAddress.values()) {
                if (node.isAlive() && now - node.heardNanos() > SILENCE.toNanos()) {
                    lost.accept(node);
                }
                node.watch();
            }
        } catch (RuntimeException e) {
            LOG.error("looking after the nodes failed", e);
        }
    }

    private void lookUpSafely() {
        try {
            lookUp();
        } catch (RuntimeException e) {
            LOG.error("looking the nodes up failed", e);
        }
    }

    /** Finds the addresses of the names; while nobody answers for one, its last ones count. */
    private void lookUp() {
        Set<String> found = new HashSet<>();
        boolean all = true;
        for (String name : settings.nodes()) {
            int colon = name.lastIndexOf(':');
            int port = Integer.parseInt(name.substring(colon + 1));
            try {
                for (InetAddress one : InetAddress.getAllByName(name.substring(0, colon))) {
                    String address = one.getHostAddress() + ":" + port;
                    found.add(address);
                    byAddress.computeIfAbsent(address, a -> link(one.getHostAddress(), port));
                }
            } catch (UnknownHostException e) {
                all = false;
            }
        }
        if (all) {
            for (NodeLink node : byAddress.values()) {
                if (!found.contains(node.address()) && !node.isAlive()) {
                    byAddress.remove(node.address());
                    node.close();
                }
            }
        }
    }

    private NodeLink link(String host, int port) {
        NodeLink.Listener told = listener;
        if (told == null) {
            throw new IllegalStateException("nobody listens");
        }
        return new NodeLink(host, port, settings.gateway(), settings.token(), told, clock);
    }

    List<NodeLink> alive() {
        return byAddress.values().stream().filter(NodeLink::isAlive).toList();
    }

    /** The node for a revision's next instance, of those that were not tried. */
    Optional<NodeLink> place(RevisionSpec revision, Set<NodeLink> tried) {
        String name = revision.name().value();
        return place(revision, tried, node -> node.instancesOf(name));
    }

    /**
     * The same.
     *
     * @param others how many a node has of what should not all be on one
     */
    Optional<NodeLink> place(
            RevisionSpec revision, Set<NodeLink> tried, ToIntFunction<NodeLink> others) {
        Map<String, NodeLink> byNode = new HashMap<>();
        List<Placement.Candidate> candidates = new ArrayList<>();
        String name = revision.name().value();
        for (NodeLink node : byAddress.values()) {
            if (node.takesInstances() && !tried.contains(node)) {
                byNode.put(node.address(), node);
                Beat beat = node.last();
                candidates.add(
                        new Placement.Candidate(
                                node.address(),
                                node.hasImage(revision.digest().value()),
                                others.applyAsInt(node),
                                beat.getMemoryBytes(),
                                beat.getFreeMemoryBytes(),
                                beat.getCpuMillis(),
                                node.freeCpuMillis(),
                                beat.getFreeSlots() > 0));
            }
        }
        return Placement.choose(name, revision.resources().memory().bytes(), candidates)
                .map(byNode::get);
    }

    /** A node that answers, by its name. */
    Optional<NodeLink> byName(String name) {
        return alive().stream().filter(node -> node.name().equals(name)).findFirst();
    }

    /** Why there is no node for a revision. */
    HearthException noneFor(RevisionSpec revision) {
        long taking = byAddress.values().stream().filter(NodeLink::takesInstances).count();
        return taking == 0
                ? new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "no-node",
                        "none of the "
                                + byAddress.size()
                                + " nodes takes instances now; see that they run, and that"
                                + " HEARTH_NODES names them")
                : new HearthException(
                        ErrorKind.EXHAUSTED,
                        "no-capacity",
                        "no node of "
                                + taking
                                + " has "
                                + revision.resources().memory()
                                + " of memory free for an instance of "
                                + revision.service()
                                + ", or could start one; add nodes, or ask for less with --memory");
    }

    @Override
    public void close() {
        thread.shutdownNow();
        byAddress.values().forEach(NodeLink::close);
    }
}
