package dev.hearth.contracts;

/**
 * What one gateway counted of one revision since it began to. JSON on {@link Topics#USAGE}. The
 * counts only grow, so that of one meter's records the last says everything: one that is lost,
 * doubled or late changes no total.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param meter a UUID, that of the count
 * @param sequence of the record in its meter, from 1
 * @param revision a {@link RevisionName}
 * @param service a {@link ServiceName}
 * @param atMillis when, milliseconds since 1970
 * @param cpuMillis of an instance
 * @param memoryBytes of an instance
 * @param requests that an instance answered, or failed to
 * @param billedMillis that instances were billed for, all together
 * @param egressBytes of answers
 * @param idleMillis that idle instances of a minimum were billed for, all together
 * @param byInstance whether it is billed by {@link Billing#INSTANCE}; such requests cost nothing
 */
public record UsageRecord(
        int schema,
        String meter,
        long sequence,
        String project,
        String service,
        String revision,
        long atMillis,
        int cpuMillis,
        long memoryBytes,
        long requests,
        long billedMillis,
        long egressBytes,
        long idleMillis,
        boolean byInstance) {
    /** The project that everything belongs to, until there are others. */
    public static final String DEFAULT_PROJECT = "default";
}
