package dev.hearth.contracts;

/**
 * How warm an instance without requests is kept: the rungs of the warm ladder. Each costs less than
 * the one before, and takes longer to serve again; below the last it is stopped.
 */
public enum Warmth {
    /** With all of its CPU. */
    READY,
    /** With a sliver of CPU. */
    IDLE,
    /** Its processes stand where they were, without any CPU. */
    FROZEN,
    /** Frozen, and its memory is in swap. */
    PAGED;

    /** Whether its processes stand. */
    public boolean isFrozen() {
        return compareTo(FROZEN) >= 0;
    }
}
