package dev.hearth.bench.fleet;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import dev.hearth.gateway.fleet.Placement;
import dev.hearth.gateway.peer.Rendezvous;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Nodes, and where instances are placed on them, as {@code Nodes.place} asks. */
final class SimulatedFleet {
    private static final int BEATS_PER_WHOLE = 5;

    private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    private final Set<Integer> deployed = new HashSet<>();
    private final Clock clock;
    private int beats;
    private Placed placed = Placed.NONE;

    /**
     * @param clock that measures, not the simulation's
     */
    SimulatedFleet(int size, Clock clock) {
        this.clock = clock;
        for (int i = 0; i < size; i++) {
            String name = "10.%d.%d.1:8082".formatted(i / 250, i % 250);
            nodes.put(name, new SimulatedNode(name));
        }
    }

    /**
     * What placing came to.
     *
     * @param nanos that the decisions took, candidates included
     * @param withImage those that went where the image was
     */
    record Placed(long decisions, long nanos, long withImage) {
        static final Placed NONE = new Placed(0, 0, 0);

        double perSecond() {
            return decisions / (nanos / 1e9);
        }

        double imageShare() {
            return (double) withImage / decisions;
        }

        private Placed with(long took, boolean image) {
            return new Placed(decisions + 1, nanos + took, withImage + (image ? 1 : 0));
        }
    }

    /** Starts an instance. */
    SimulatedNode start(int service, String revision) {
        if (deployed.add(service)) {
            Rendezvous.choose(FleetSize.service(service), nodes.keySet())
                    .map(nodes::get)
                    .ifPresent(node -> node.prefetched(service));
        }
        long begun = clock.nanos();
        List<Placement.Candidate> candidates = new ArrayList<>();
        nodes.values().forEach(node -> candidates.add(node.candidate(service)));
        String chosen =
                Placement.choose(revision, Services.MEMORY.bytes(), candidates)
                        .orElseThrow(
                                () ->
                                        new BenchFailure(
                                                "the simulated nodes are full; ask for more --nodes"
                                                        + " or a lower --rate"));
        long took = clock.nanos() - begun;
        SimulatedNode node = Objects.requireNonNull(nodes.get(chosen));
        placed = placed.with(took, node.hasImage(service));
        node.start(service);
        return node;
    }

    /** Every node tells how it is. */
    void beat() {
        boolean whole = ++beats % BEATS_PER_WHOLE == 0;
        nodes.values().forEach(node -> node.beat(whole));
    }

    /** So many nodes, evenly chosen, are gone. */
    Set<SimulatedNode> lose(int count) {
        List<SimulatedNode> all = new ArrayList<>(nodes.values());
        Set<SimulatedNode> gone = new HashSet<>();
        for (int i = 0; i < count; i++) {
            gone.add(all.get((int) ((long) i * all.size() / count)));
        }
        nodes.values().removeIf(gone::contains);
        return gone;
    }

    /** Counts anew from now on. */
    void mark() {
        placed = Placed.NONE;
        nodes.values().forEach(SimulatedNode::mark);
    }

    /** Since {@link #mark}. */
    Placed placed() {
        return placed;
    }

    /** The most starts that one node got since {@link #mark}. */
    int mostStarts() {
        return nodes.values().stream().mapToInt(SimulatedNode::starts).max().orElse(0);
    }

    int size() {
        return nodes.size();
    }

    Spread instances() {
        return Spread.of(nodes.values().stream().map(SimulatedNode::count).toList());
    }

    Spread memory() {
        return Spread.of(nodes.values().stream().map(SimulatedNode::memoryUsed).toList());
    }
}
