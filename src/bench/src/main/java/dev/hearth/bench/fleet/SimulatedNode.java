package dev.hearth.bench.fleet;

import dev.hearth.gateway.fleet.Placement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A node as a gateway knows it: what its last heartbeat said of memory and CPU, what its last whole
 * one said of images, and its instances, of which each change is told at once. All nodes are alike:
 * 64 GiB, 32 cores, as many slots as are wanted, images that are never evicted.
 */
final class SimulatedNode {
    static final long MEMORY_BYTES = 64L << 30;
    private static final int CPU_MILLIS = 32_000;

    private final String name;
    private final Map<Integer, Integer> instances = new HashMap<>();
    private final Set<Integer> images = new HashSet<>();
    private final Set<Integer> toldImages = new HashSet<>();
    private int count;
    private int toldCount;
    private int startsSinceMark;

    SimulatedNode(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    int count() {
        return count;
    }

    /** A deploy brings a service's image here. */
    void prefetched(int service) {
        images.add(service);
        toldImages.add(service);
    }

    boolean hasImage(int service) {
        return images.contains(service);
    }

    void start(int service) {
        instances.merge(service, 1, Integer::sum);
        images.add(service);
        count++;
        startsSinceMark++;
    }

    void stop(int service) {
        instances.computeIfPresent(service, (s, n) -> n == 1 ? null : n - 1);
        count--;
    }

    /** Tells how it is. */
    void beat(boolean whole) {
        toldCount = count;
        if (whole) {
            toldImages.addAll(images);
        }
    }

    Placement.Candidate candidate(int service) {
        return new Placement.Candidate(
                name,
                toldImages.contains(service),
                instances.getOrDefault(service, 0),
                MEMORY_BYTES,
                MEMORY_BYTES - memoryBytes(toldCount),
                CPU_MILLIS,
                CPU_MILLIS - toldCount * Services.CPU.millis(),
                true);
    }

    /** Instances use half of what they may. */
    private static long memoryBytes(int instances) {
        return instances * Services.MEMORY.bytes() / 2;
    }

    double memoryUsed() {
        return memoryBytes(count);
    }

    void mark() {
        startsSinceMark = 0;
    }

    /** Since {@link #mark}. */
    int starts() {
        return startsSinceMark;
    }
}
