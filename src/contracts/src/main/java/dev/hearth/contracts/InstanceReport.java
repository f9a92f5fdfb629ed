package dev.hearth.contracts;

/**
 * What a node saw of one instance over some time. JSON on {@link Topics#INSTANCES}; one that
 * arrives twice or late is recognised by {@code atMillis}.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param revision a {@link RevisionName}
 * @param atMillis end of the time, milliseconds since 1970
 * @param spanMillis length of the time
 * @param state as {@link InstanceView} has it; {@code stopped} is the last word about it
 * @param cpuMillis its quota at the end; 0 for none
 * @param usedMicros CPU time it used
 * @param periods of its quota in which it had something to run
 * @param throttledPeriods those of them in which the quota was used up
 * @param memoryBytes in use at the end, 0 when unknown
 * @param oomKills processes killed at its memory limit since it began
 * @param freeCpuMillis of its node, granted to nobody; below 0 when more is granted than there is
 */
public record InstanceReport(
        int schema,
        String instance,
        String revision,
        long atMillis,
        long spanMillis,
        String state,
        int cpuMillis,
        long usedMicros,
        long periods,
        long throttledPeriods,
        long memoryBytes,
        long oomKills,
        int freeCpuMillis) {
    /** The record's key. */
    public String key() {
        return revision + "/" + instance;
    }
}
