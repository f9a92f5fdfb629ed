package dev.hearth.contracts;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Jobs and their executions. Stages fail with a HearthException; NOT_FOUND {@code job-not-found} or
 * {@code execution-not-found} where a name is unknown, UNAVAILABLE {@code database-unavailable}
 * where the database is away.
 */
public interface JobPort {
    /**
     * The same, for somebody: the audit log has their name, and there is nothing but what is of
     * their project.
     */
    JobPort as(Caller caller);

    /** Finds the image, makes it ready to run, and stores the job; its executions go on. */
    CompletionStage<Job> deploy(JobRequest request);

    /** All jobs, newest first. */
    CompletionStage<List<Job>> jobs();

    CompletionStage<Job> job(JobName name);

    /** Forgets a job with its executions; what runs of them is stopped. */
    CompletionStage<Void> delete(JobName name, JobCondition condition);

    /**
     * Begins an execution; completes when it is stored, and will be run whatever happens. EXHAUSTED
     * {@code too-many-executions} while too many of the job are not over.
     */
    CompletionStage<Execution> run(JobName name, RunOverrides overrides, JobCondition condition);

    /** A job's executions that are kept, newest first. */
    CompletionStage<List<Execution>> executions(JobName name);

    CompletionStage<Execution> execution(ExecutionName name);

    /**
     * No task of it begins from now on, and those that run are stopped. One that is over stays as
     * it is.
     */
    CompletionStage<Execution> cancel(ExecutionName name);

    /** Forgets an execution. FAILED_PRECONDITION {@code execution-running} unless it is over. */
    CompletionStage<Void> delete(ExecutionName name);

    /**
     * An execution's tasks in order.
     *
     * @param from index of the first
     */
    CompletionStage<List<Task>> tasks(ExecutionName name, int from, int most);
}
