package dev.hearth.contracts;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * What is to be run, for the gateways that see to it. An execution is one gateway's at a time, for
 * as long as that says so often enough; every change is on condition that it still is, and that
 * nothing changed meanwhile, so that it happens once. Stages fail with UNAVAILABLE {@code
 * database-unavailable}.
 */
public interface JobQueuePort {
    /** Jobs that should have run by their schedule by then. */
    CompletionStage<List<Job>> due(Instant now);

    /**
     * Begins the execution that a schedule asks for, unless another gateway has; empty then, or
     * when too many of the job are not over, so that this run is left out.
     *
     * @param due when it was to run
     * @param next when it is to run after that
     */
    CompletionStage<Optional<Execution>> trigger(
            JobName job, Instant due, Optional<Instant> next, Instant now);

    /**
     * Keeps what is this gateway's, takes what is nobody's any more, and tells all that it has
     * then: executions that are not over.
     *
     * @param owner the gateway
     * @param lease how long they are its own without being asked for again
     */
    CompletionStage<List<Execution>> hold(String owner, Duration lease);

    /** Gives up what is this gateway's, for the others to take at once. */
    CompletionStage<Void> release(String owner);

    /**
     * The tasks of an execution that are not over, in order.
     *
     * @param mostWaiting of those that wait; those that may begin first come first
     */
    CompletionStage<List<Task>> unfinished(ExecutionName execution, int mostWaiting);

    /** A waiting task's attempt is on its way to a node; false when it is not to be begun. */
    CompletionStage<Boolean> claim(String owner, Task task, String node, Instant at);

    /** A claimed task's attempt did not begin, and waits again. */
    CompletionStage<Void> unclaim(String owner, Task task, String why);

    /** Why tasks of an execution wait, for its message until it is over; empty for no reason. */
    CompletionStage<Void> explain(String owner, ExecutionName execution, String why);

    /** Its attempt runs. */
    CompletionStage<Void> begun(String owner, Task task, InstanceId instance, Instant at);

    /** An attempt is over; false when somebody has said so already. */
    CompletionStage<Boolean> ended(String owner, Task task, Outcome outcome);

    /** What waits of a cancelled execution will not run. */
    CompletionStage<Void> cancelWaiting(String owner, ExecutionName execution, Instant at);

    /** The execution is over, if all its tasks are; the same for its state and message. */
    CompletionStage<Void> finish(String owner, ExecutionName execution, Instant at);

    /** Those of these attempts that are to run now. */
    CompletionStage<Set<RevisionName>> wanted(Collection<RevisionName> attempts);

    /**
     * How an attempt ended.
     *
     * @param state of the task from now on; WAITING for another attempt
     * @param exitCode when it ended by itself
     * @param notBefore when another attempt may begin; empty for at once
     */
    record Outcome(
            Task.State state,
            Optional<Integer> exitCode,
            String message,
            Instant at,
            Optional<Instant> notBefore) {}
}
