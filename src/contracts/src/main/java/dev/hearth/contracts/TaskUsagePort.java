package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What jobs' tasks are billed for, attempt by attempt, whichever gateway saw to them. Fails with
 * UNAVAILABLE {@code database-unavailable}.
 */
public interface TaskUsagePort {
    /** Of one answer. */
    int MOST = 200_000;

    /**
     * The attempts of a job in whole hours, in the order in which they began: what they are billed
     * for in these hours adds up to the job's bill. INVALID {@code too-many-items} when they are
     * more than {@link #MOST}.
     *
     * @param query of one job, as {@link JobName#asService} names it
     */
    CompletionStage<List<Attempt>> attempts(UsagePort.Query query);

    /**
     * An attempt at a task.
     *
     * @param task from 0
     * @param number from 0
     * @param ranMillis so far, or in all
     * @param status that it ended by itself with
     * @param used in the hours that were asked for
     */
    record Attempt(
            String execution,
            int task,
            int number,
            Instant begunAt,
            long ranMillis,
            Optional<Integer> status,
            UsagePort.Used used) {}
}
