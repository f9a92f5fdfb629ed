package dev.hearth.gateway.limit;

import dev.hearth.contracts.RateLimit;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bucket for each client of one service, of {@value #MOST} clients at most: 1 MiB when full, 4
 * KiB before the first.
 *
 * <p>Concurrency: sets of {@value #WAYS} buckets in arrays that never change once they are
 * published, so that a known client is found without a lock and without making anything. A client
 * that is new is added under a lock that nobody waits for long: it is one copy of one such array.
 *
 * <p>Eviction: a bucket that has filled up again is as good as none and goes first. When a set has
 * only others, the one that is nearest to full goes, whose client gains the least by starting anew.
 * So somebody with very many addresses gets no more than those addresses give anyhow, and locks
 * nobody else out; what all of them together may do is for the service's own limit to say. The sets
 * are chosen by a hash that is secret, so that nobody can aim at one.
 */
final class ClientBuckets {
    static final int MOST = 16_384;
    private static final int WAYS = 16;
    private static final int SETS = MOST / WAYS;
    private static final Bucket[] NONE = {};

    private static final class Bucket extends TokenBucket {
        private final long client;

        Bucket(long client, RateLimit limit, long nowNanos) {
            super(limit, nowNanos);
            this.client = client;
        }
    }

    private final RateLimit limit;
    private final long secret = ThreadLocalRandom.current().nextLong();
    private final AtomicReferenceArray<Bucket @Nullable []> sets = new AtomicReferenceArray<>(SETS);
    private final Object adding = new Object();

    ClientBuckets(RateLimit limit) {
        this.limit = limit;
    }

    /** As {@link TokenBucket#take} for one client; see {@link ClientKey}. */
    long take(long client, long nowNanos) {
        int set = set(client);
        Bucket known = find(buckets(set), client);
        return (known == null ? add(set, client, nowNanos) : known).take(nowNanos);
    }

    /** Clients that are known now. */
    int size() {
        int size = 0;
        for (int i = 0; i < SETS; i++) {
            size += buckets(i).length;
        }
        return size;
    }

    private Bucket add(int set, long client, long nowNanos) {
        synchronized (adding) {
            Bucket[] old = buckets(set);
            Bucket known = find(old, client);
            if (known != null) {
                return known; // another event loop was quicker
            }
            Bucket made = new Bucket(client, limit, nowNanos);
            sets.set(set, with(made, old, nowNanos));
            return made;
        }
    }

    private static Bucket[] with(Bucket made, Bucket[] old, long nowNanos) {
        int kept = 0;
        int fullest = 0;
        Bucket[] used = new Bucket[old.length + 1];
        for (Bucket bucket : old) {
            long nanos = bucket.nanosToFull(nowNanos);
            if (nanos > 0) {
                used[kept] = bucket;
                if (nanos < used[fullest].nanosToFull(nowNanos)) {
                    fullest = kept;
                }
                kept++;
            }
        }
        if (kept == WAYS) {
            used[fullest] = made;
            return Arrays.copyOf(used, WAYS);
        }
        used[kept] = made;
        return Arrays.copyOf(used, kept + 1);
    }

    private Bucket[] buckets(int set) {
        Bucket[] buckets = sets.get(set);
        return buckets == null ? NONE : buckets;
    }

    private static @Nullable Bucket find(Bucket[] buckets, long client) {
        for (Bucket bucket : buckets) {
            if (bucket.client == client) {
                return bucket;
            }
        }
        return null;
    }

    /** Mixes every bit of the client into the set's number: SplitMix64's finalizer. */
    private int set(long client) {
        long z = client ^ secret;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return (int) ((z ^ (z >>> 31)) & (SETS - 1));
    }
}
