package dev.hearth.contracts;

/**
 * What a gateway saw of one revision over one tick. JSON on {@link Topics#DEMAND}; a sample that
 * arrives twice or late is recognised by {@code atMillis}.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param revision a {@link RevisionName}
 * @param atMillis end of the tick, milliseconds since 1970
 * @param spanMillis length of the tick
 * @param concurrency requests in flight and waiting, averaged over the tick by time
 * @param queued requests waiting for an instance at the end of the tick
 * @param instances ready instances at the end of the tick
 * @param starting instances being started at the end of the tick
 * @param arrivals requests that came within the tick
 * @param completions requests that were over within the tick
 * @param startMillis what the revision's newest start took, its image's pull aside; 0 for none yet
 * @param bounds the revision's settings
 */
public record DemandSample(
        int schema,
        String revision,
        long atMillis,
        long spanMillis,
        double concurrency,
        int queued,
        int instances,
        int starting,
        long arrivals,
        long completions,
        double startMillis,
        Bounds bounds) {
    /**
     * What a request took on average, waiting included, in milliseconds; 0 when none was over.
     * (Little's law: requests at a time = requests a second × seconds of each.)
     */
    public double meanServiceMillis() {
        return completions == 0 ? 0 : concurrency * spanMillis / completions;
    }

    /**
     * A revision's settings that scaling depends on.
     *
     * @param concurrency per instance, 0 for no limit
     * @param idleMillis without demand before the last instance stops; 0 for as long as it is worth
     *     its memory
     * @param cpuMillis that an instance has
     * @param cpuLimitMillis that it may have beyond that, while the node has it to spare
     * @param memoryBytes limit of an instance
     * @param rules a {@link ScalingRules} as it is written
     */
    public record Bounds(
            int concurrency,
            int minInstances,
            int maxInstances,
            long idleMillis,
            int cpuMillis,
            int cpuLimitMillis,
            long memoryBytes,
            String rules) {
        public static Bounds of(RevisionSpec revision) {
            return of(revision, revision.scaling());
        }

        /**
         * @param s its scaling, within what its service may have
         */
        public static Bounds of(RevisionSpec revision, Scaling s) {
            return new Bounds(
                    s.concurrency(),
                    s.minInstances(),
                    s.maxInstances(),
                    s.idle().toMillis(),
                    revision.resources().cpu().millis(),
                    revision.resources().cpuLimit().millis(),
                    revision.resources().memory().bytes(),
                    s.rules().toString());
        }
    }
}
