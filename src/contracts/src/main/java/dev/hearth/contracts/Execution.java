package dev.hearth.contracts;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A run of a job.
 *
 * @param template what it runs, whatever the job says by now
 * @param counts of its tasks
 * @param startedAt when its first task began
 * @param message why it is as it is, for a person; empty when there is nothing to say
 * @param scheduledFor the time of the schedule that it was begun for; empty when somebody ran it
 */
public record Execution(
        ExecutionName name,
        JobName job,
        UUID uid,
        TaskTemplate template,
        State state,
        Counts counts,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        String message,
        Optional<Instant> scheduledFor) {
    /** Where it is. */
    public enum State {
        /** Tasks run, or wait. */
        RUNNING,
        /** Somebody cancelled it; what runs is being stopped. */
        CANCELLING,
        SUCCEEDED,
        /** A task failed for good. */
        FAILED,
        CANCELLED;

        /** Whether nothing of it runs or will run. */
        public boolean isOver() {
            return this != RUNNING && this != CANCELLING;
        }

        /** As the API says it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * How many tasks are where.
     *
     * @param retried that had more than one attempt
     */
    public record Counts(
            int waiting, int running, int succeeded, int failed, int cancelled, int retried) {}

    /** Its version: what it is never changes but for its state. */
    public String etag() {
        return Long.toHexString(uid.getMostSignificantBits() >>> 16)
                + "-"
                + (state.isOver() ? 2 : 1);
    }
}
