package dev.hearth.gateway.rollout;

/**
 * Counts of how long answers took, by classes of time an eighth of a power of two wide: what is
 * told of them is right to one part in eight.
 *
 * @param counts of each class
 */
record Latencies(long[] counts) {
    /** The longest request of an hour is in class 239. */
    static final int CLASSES = 256;

    private static final int PER_OCTAVE = 8;

    /** Below this many microseconds each has a class of its own. */
    private static final int EXACT = 16;

    /** The class of a time. */
    static int classOf(long nanos) {
        long micros = Math.max(0, nanos / 1000);
        if (micros < EXACT) {
            return (int) micros;
        }
        int octave = 63 - Long.numberOfLeadingZeros(micros);
        int part = (int) (micros >>> (octave - 3)) & (PER_OCTAVE - 1);
        return Math.min(CLASSES - 1, EXACT + (octave - 4) * PER_OCTAVE + part);
    }

    /** The end of a class, which no time in it reaches. */
    static long endNanos(int index) {
        if (index < EXACT) {
            return (index + 1) * 1000L;
        }
        int octave = 4 + (index - EXACT) / PER_OCTAVE;
        long part = PER_OCTAVE + (index - EXACT) % PER_OCTAVE;
        return ((part + 1) << (octave - 3)) * 1000L;
    }

    Latencies plus(Latencies other) {
        long[] sums = counts.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += other.counts[i];
        }
        return new Latencies(sums);
    }

    long total() {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        return all;
    }

    /**
     * What a part of the answers took at most; 0 when there are none.
     *
     * @param part such as 0.95
     */
    long quantileNanos(double part) {
        long wanted = (long) Math.ceil(part * total());
        long below = 0;
        for (int i = 0; i < counts.length && wanted > 0; i++) {
            below += counts[i];
            if (below >= wanted) {
                return endNanos(i);
            }
        }
        return 0;
    }

    /** Answers that took longer than the class of a time is wide. */
    long slowerThan(long nanos) {
        long slower = 0;
        for (int i = classOf(nanos) + 1; i < counts.length; i++) {
            slower += counts[i];
        }
        return slower;
    }
}
