package dev.hearth.gateway.route;

import dev.hearth.gateway.pool.RevisionPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The revisions that share the requests to one host, by weight; or who sees to them all. */
public final class Split {
    private final RevisionPool[] pools;
    private final @Nullable Peer elsewhere;

    /** Where each pool's part of the first hundred numbers ends. */
    private final int[] ends;

    private Split(RevisionPool[] pools, int[] ends, @Nullable Peer elsewhere) {
        this.pools = pools;
        this.ends = ends;
        this.elsewhere = elsewhere;
    }

    /** Another gateway sees to them. */
    static Split at(Peer other) {
        return new Split(new RevisionPool[0], new int[0], other);
    }

    /** Everything to one. */
    public static Split to(RevisionPool pool) {
        return new Split(new RevisionPool[] {pool}, new int[] {100}, null);
    }

    /** Collects shares. */
    static final class Shares {
        private final List<RevisionPool> pools = new ArrayList<>();
        private final List<Integer> ends = new ArrayList<>();
        private int sum;

        void add(RevisionPool pool, int percent) {
            if (percent > 0) {
                sum += percent;
                pools.add(pool);
                ends.add(sum);
            }
        }

        /** Throws IllegalStateException when the shares are not a hundred per cent. */
        Split split() {
            if (sum != 100) {
                throw new IllegalStateException("shares of " + sum + " %");
            }
            return new Split(
                    pools.toArray(RevisionPool[]::new),
                    ends.stream().mapToInt(Integer::intValue).toArray(),
                    null);
        }
    }

    /** The gateway that sees to them; null when this one does. */
    @Nullable Peer elsewhere() {
        return elsewhere;
    }

    /** Who gets the next request; null when another gateway sees to it. */
    @Nullable RevisionPool next() {
        if (pools.length == 1) {
            return pools[0];
        }
        if (elsewhere != null) {
            return null;
        }
        int point = ThreadLocalRandom.current().nextInt(100);
        int i = 0;
        while (ends[i] <= point) {
            i++;
        }
        return pools[i];
    }
}
