package dev.hearth.bench.keepalive;

import java.util.BitSet;

/** A way to decide how long idle functions are kept. */
interface Policy {
    String name();

    /** For one function, of which nothing is known yet. */
    Keeper keeper(double gib);

    /** What a policy knows of one function. */
    interface Keeper {
        /** The minutes of idleness, from 1 to {@code horizon}, in which an instance is there. */
        BitSet minutes(int horizon);

        /** An idle time is over: a request came in its last minute. */
        void ended(int minutes);
    }
}
