package dev.hearth.contracts;

/**
 * What one gateway counted of one revision since it began to. JSON on {@link Topics#USAGE}. The
 * counts only grow, so that of one meter's records the last says everything: one that is lost,
 * doubled or late changes no total.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param meter a UUID, that of the count
 * @param sequence of the record in its meter, from 1
 * @param project a {@link ProjectName}
 * @param service its name within the project
 * @param revision its name within the project
 * @param atMillis when, milliseconds since 1970
 * @param cpuMillis of an instance
 * @param memoryBytes of an instance
 * @param requests that an instance answered, or failed to
 * @param billedMillis that instances were billed for, all together
 * @param egressBytes of answers
 * @param idleMillis that idle instances of a minimum were billed for, all together
 * @param byInstance whether it is billed by {@link Billing#INSTANCE}; such requests cost nothing
 * @param task of a job that it is all of, from 1; 0 for none, and in what earlier releases wrote
 * @param attempt at that task, from 0
 * @param begunMillis when the attempt began, milliseconds since 1970
 * @param ranMillis how long it has run
 * @param status that it ended by itself with; {@link #NO_STATUS} if it did not
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
        boolean byInstance,
        int task,
        int attempt,
        long begunMillis,
        long ranMillis,
        int status) {
    public static final int NO_STATUS = -1;

    /** See {@link ProjectName#DEFAULT}. */
    public static final String DEFAULT_PROJECT = "default";

    /** One that is of no task. */
    public UsageRecord(
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
        this(
                schema,
                meter,
                sequence,
                project,
                service,
                revision,
                atMillis,
                cpuMillis,
                memoryBytes,
                requests,
                billedMillis,
                egressBytes,
                idleMillis,
                byInstance,
                0,
                0,
                0,
                0,
                NO_STATUS);
    }

    /**
     * The same, all of which is one attempt at a task.
     *
     * @param index of the task, from 0
     */
    public UsageRecord of(int index, int number, long begun, long ran, int exitStatus) {
        return new UsageRecord(
                schema,
                meter,
                sequence,
                project,
                service,
                revision,
                atMillis,
                cpuMillis,
                memoryBytes,
                requests,
                billedMillis,
                egressBytes,
                idleMillis,
                byInstance,
                index + 1,
                number,
                begun,
                ran,
                exitStatus);
    }
}
