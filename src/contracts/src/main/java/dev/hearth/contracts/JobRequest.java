package dev.hearth.contracts;

import java.util.Optional;

/**
 * What somebody wants to run to its end, now and then, under a name.
 *
 * @param metadata of the job, beside its executions'
 * @param template its digest is not looked at
 * @param condition of the job as it is
 */
public record JobRequest(
        JobName name,
        Metadata metadata,
        TaskTemplate template,
        Optional<Schedule> schedule,
        JobCondition condition) {
    /** Stands for an image that nobody has looked up yet. */
    public static final Digest NOT_FOUND_YET = new Digest("sha256:" + "0".repeat(64));
}
