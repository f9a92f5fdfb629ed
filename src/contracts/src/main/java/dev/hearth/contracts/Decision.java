package dev.hearth.contracts;

/**
 * What the autoscaler wants of one revision. JSON on {@link Topics#DECISIONS}. The newest by {@code
 * atMillis} wins; applying one twice changes nothing.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param revision a {@link RevisionName}
 * @param atMillis of the newest sample it was made from
 * @param instances wanted
 * @param cpuMillis quota of an instance with requests in flight
 * @param idleCpuMillis quota of an instance without; equal to {@code cpuMillis} for "do not
 *     throttle"
 * @param why for people
 */
public record Decision(
        int schema,
        String revision,
        long atMillis,
        int instances,
        int cpuMillis,
        int idleCpuMillis,
        String why) {}
