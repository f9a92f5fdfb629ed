package dev.hearth.gateway.peer;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * Highest random weight hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit
 * Rates", 1998): everybody who knows the same candidates chooses the same one for a key, and when
 * one comes or goes only its own keys move.
 */
public final class Rendezvous {
    private Rendezvous() {}

    /** The candidate for a key; empty when there is none. */
    public static Optional<String> choose(String key, Collection<String> candidates) {
        String best = null;
        long most = 0;
        for (String candidate : candidates) {
            long weight = weight(key, candidate);
            boolean better =
                    best == null
                            || Long.compareUnsigned(weight, most) > 0
                            || weight == most && candidate.compareTo(best) > 0;
            if (better) {
                best = candidate;
                most = weight;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * A key's first candidates, at most so many, in no order.
     *
     * @param name of a candidate
     */
    public static <C> List<C> favourites(
            String key, Collection<C> candidates, Function<C, String> name, int most) {
        PriorityQueue<Weighed<C>> heaviest =
                new PriorityQueue<>((a, b) -> Long.compareUnsigned(a.weight, b.weight));
        for (C candidate : candidates) {
            heaviest.add(new Weighed<>(candidate, weight(key, name.apply(candidate))));
            if (heaviest.size() > most) {
                heaviest.remove();
            }
        }
        return heaviest.stream().map(Weighed::candidate).toList();
    }

    private record Weighed<C>(C candidate, long weight) {}

    /** FNV-1a over both, mixed by the finaliser of MurmurHash3, since FNV leaves the high bits. */
    static long weight(String key, String candidate) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : (key + "\0" + candidate).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
