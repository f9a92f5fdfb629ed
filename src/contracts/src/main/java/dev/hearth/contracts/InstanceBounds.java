package dev.hearth.contracts;

/**
 * How many instances a service may have, whatever its revisions say.
 *
 * @param min kept by the revisions with requests together, in parts as the requests are shared
 * @param max of each of its revisions; 0 for what those say
 */
public record InstanceBounds(int min, int max) {
    /** As its revisions say. */
    public static final InstanceBounds NONE = new InstanceBounds(0, 0);

    private static final int MOST = 1000;

    /** Throws INVALID {@code invalid-scaling} out of range. */
    public InstanceBounds {
        if (min < 0 || max < 0 || min > MOST || max > MOST || max > 0 && min > max) {
            throw HearthException.invalid(
                    "invalid-scaling",
                    "a service's instances of "
                            + min
                            + " to "
                            + max
                            + " are not between 0 and "
                            + MOST
                            + ", the least not above the most");
        }
    }

    /**
     * What a revision may have with this share of the requests: of 5 instances, 30 % are ⌈1.5⌉ = 2.
     *
     * @param own what it says itself
     */
    public Scaling of(Scaling own, int percent) {
        if (equals(NONE)) {
            return own;
        }
        int most = max == 0 ? own.maxInstances() : Math.min(max, own.maxInstances());
        int least = Math.max(own.minInstances(), Math.ceilDiv(min * percent, 100));
        return new Scaling(own.concurrency(), Math.min(least, most), most, own.idle(), own.rules());
    }
}
