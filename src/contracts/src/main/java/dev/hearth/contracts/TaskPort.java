package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Runs tasks' attempts to their end, on whichever nodes there are. An attempt is known by its name,
 * and a node begins each once, whoever asks however often; how it ended is kept until it is
 * forgotten, also when the node agent dies. Every method may be called from any thread, and none
 * blocks.
 */
public interface TaskPort {
    /** Nodes that answer. */
    List<String> nodes();

    /** A node that has room for an attempt; empty while none has. */
    Optional<String> place(RevisionSpec attempt);

    /**
     * Begins an attempt, and completes when its command executes, or had been begun before. Fails
     * with EXHAUSTED {@code node-full} when there is no room after all, or UNAVAILABLE: it did not
     * begin then. A container that cannot start is an attempt that ended.
     */
    default CompletionStage<Void> run(String node, RevisionSpec attempt) {
        return run(node, attempt, SecretValues.NONE);
    }

    /**
     * The same, with what its secrets are.
     *
     * @param secrets known to the node for as long as the start takes, and written nowhere
     */
    CompletionStage<Void> run(String node, RevisionSpec attempt, SecretValues secrets);

    /** SIGTERM, the grace period, SIGKILL; completes when nothing of it is left. */
    CompletionStage<Void> stop(String node, RevisionName attempt, StopReason reason);

    /** All attempts of a node that run, or that ended and are not forgotten. */
    CompletionStage<List<Report>> reports(String node);

    /** How an attempt ended is known elsewhere now. */
    CompletionStage<Void> forget(String node, RevisionName attempt);

    /** Tells {@code listener}, from now on, that an attempt has ended somewhere. */
    void onEnd(Runnable listener);

    /**
     * The log of a job's tasks from a cursor on, as that of a service. Blocks on disk.
     *
     * @param cursor of the last page, or empty for the last {@code most} lines
     */
    LogPage logs(JobName job, String cursor, int most);

    /**
     * What a node knows of an attempt.
     *
     * @param instance empty until it has one
     * @param cpuMillis of it
     * @param ranMillis from its start to its end, or until now
     * @param ending empty while it runs
     */
    record Report(
            RevisionName attempt,
            Optional<InstanceId> instance,
            int cpuMillis,
            long memoryBytes,
            Instant begunAt,
            long ranMillis,
            Optional<Ending> ending) {}

    /** How and when it ended. */
    record Ending(ExitCause cause, Instant at) {}
}
