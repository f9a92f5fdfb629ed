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
 * @param bounds the revision's own settings
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
        Bounds bounds) {
    /**
     * A revision's settings that scaling depends on.
     *
     * @param concurrency per instance, 0 for no limit
     * @param idleMillis without demand before the last instance stops
     * @param cpuMillis limit of an instance
     */
    public record Bounds(
            int concurrency, int minInstances, int maxInstances, long idleMillis, int cpuMillis) {
        public static Bounds of(RevisionSpec revision) {
            Scaling s = revision.scaling();
            return new Bounds(
                    s.concurrency(),
                    s.minInstances(),
                    s.maxInstances(),
                    s.idle().toMillis(),
                    revision.resources().cpu().millis());
        }
    }
}
