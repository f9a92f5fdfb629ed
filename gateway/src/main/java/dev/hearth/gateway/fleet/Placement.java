package dev.hearth.gateway.fleet;

import dev.hearth.gateway.peer.Rendezvous;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where the next instance of a revision goes: where its image is, then where there is most to
 * spare, and not where all the others are. A pure function.
 */
public final class Placement {
    /**
     * A node without the image is as little wanted as one with one and a half instances more: so
     * the first two go where the image is, and the third is worth a pull.
     */
    static final double MISSING_IMAGE = 1.5;

    /** A start that has to make its sandbox first takes a few milliseconds longer. */
    static final double NO_SLOT = 0.25;

    /**
     * Nodes with the image, and nodes without it, that are compared for one instance. What is known
     * of their memory and CPU is as old as a heartbeat: if all starts of half a second went to the
     * one node that was emptiest in all the platform, they would all go to the same one
     * (Mitzenmacher, "How Useful Is Old Information?", 2000).
     */
    static final int FEW = 8;

    private Placement() {}

    /**
     * A node that takes instances.
     *
     * @param node its name
     * @param hasImage whether the revision's image is unpacked there
     * @param instances of the revision that are there, or are being started there
     * @param memoryBytes of the machine
     * @param freeMemoryBytes that could be had without swapping
     * @param cpuMillis of the machine
     * @param freeCpuMillis granted to nobody; below 0 when more is granted than there is
     * @param hasSlot whether a sandbox is ready
     */
    public record Candidate(
            String node,
            boolean hasImage,
            int instances,
            long memoryBytes,
            long freeMemoryBytes,
            int cpuMillis,
            int freeCpuMillis,
            boolean hasSlot) {
        /** What speaks against it; the lowest is chosen. */
        double cost() {
            double memoryUsed = 1 - share(freeMemoryBytes, memoryBytes);
            double cpuUsed = 1 - share(freeCpuMillis, cpuMillis);
            return instances
                    + (hasImage ? 0 : MISSING_IMAGE)
                    + (hasSlot ? 0 : NO_SLOT)
                    + (memoryUsed + cpuUsed) / 2;
        }

        private static double share(long part, long whole) {
            return whole <= 0 ? 0 : Math.clamp((double) part / whole, 0, 1);
        }
    }

    /**
     * The node for an instance; empty when none has the memory.
     *
     * @param key the revision's name: of nodes that are as good as each other, each revision has
     *     its own favourite, so that they do not all begin on the same one
     * @param memoryBytes that the instance may use
     */
    public static Optional<String> choose(
            String key, long memoryBytes, Collection<Candidate> candidates) {
        double least = Double.MAX_VALUE;
        List<String> best = new ArrayList<>();
        for (Candidate candidate : few(key, memoryBytes, candidates)) {
            // to a tenth: nodes that differ by less are alike
            double cost = Math.rint(candidate.cost() * 10);
            if (cost < least) {
                least = cost;
                best.clear();
            }
            if (cost == least) {
                best.add(candidate.node);
            }
        }
        return Rendezvous.choose(key, best);
    }

    /** Some of those that have the memory: a few with the image, and a few without. */
    private static List<Candidate> few(
            String key, long memoryBytes, Collection<Candidate> candidates) {
        List<Candidate> with = new ArrayList<>();
        List<Candidate> without = new ArrayList<>();
        int instances = 0;
        for (Candidate candidate : candidates) {
            instances += candidate.instances;
            if (candidate.freeMemoryBytes >= memoryBytes) {
                (candidate.hasImage ? with : without).add(candidate);
            }
        }
        String draw = key + "/" + instances; // others for each instance, so that they spread
        List<Candidate> few = new ArrayList<>();
        for (List<Candidate> all : List.of(with, without)) {
            few.addAll(
                    all.size() <= FEW
                            ? all
                            : Rendezvous.favourites(draw, all, Candidate::node, FEW));
        }
        return few;
    }
}
