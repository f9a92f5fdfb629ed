package dev.hearth.contracts;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One of an execution's tasks.
 *
 * @param index from 0
 * @param attempt the one that runs or is next, or was the last; from 0
 * @param node of that attempt; empty when it has none, or there is only one
 * @param instance of the last attempt that began; empty for none
 * @param startedAt when that attempt began
 * @param exitCode of the last attempt that ended by itself
 * @param message how its last attempt ended, or why it waits
 * @param notBefore when its next attempt may begin; empty for at once
 */
public record Task(
        ExecutionName execution,
        int index,
        State state,
        int attempt,
        String node,
        String instance,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        Optional<Integer> exitCode,
        String message,
        Optional<Instant> notBefore) {
    /** One whose next attempt may begin at once. */
    public Task(
            ExecutionName execution,
            int index,
            State state,
            int attempt,
            String node,
            String instance,
            Optional<Instant> startedAt,
            Optional<Instant> completedAt,
            Optional<Integer> exitCode,
            String message) {
        this(
                execution,
                index,
                state,
                attempt,
                node,
                instance,
                startedAt,
                completedAt,
                exitCode,
                message,
                Optional.empty());
    }

    /** Where it is. */
    public enum State {
        WAITING,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        /** As the API says it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a node knows its attempt by. */
    public RevisionName attemptName() {
        return execution.attempt(index, attempt);
    }
}
