package dev.hearth.contracts;

import java.util.Objects;

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
 * @param warmth rung of the warm ladder that instances without requests for long stand on
 * @param wake whether a start is wanted from zero, because a request is expected; else only one
 *     that has come starts the first instance
 * @param why for people
 */
public record Decision(
        int schema,
        String revision,
        long atMillis,
        int instances,
        int cpuMillis,
        int idleCpuMillis,
        Warmth warmth,
        boolean wake,
        String why) {
    /** What an older autoscaler does not speak of is as it was then. */
    public Decision {
        warmth = Objects.requireNonNullElse(warmth, Warmth.IDLE);
    }
}
