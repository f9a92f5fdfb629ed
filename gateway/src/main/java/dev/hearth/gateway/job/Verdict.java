package dev.hearth.gateway.job;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.JobQueuePort.Outcome;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskPort.Ending;
import java.util.Optional;

/** What an attempt's end makes of its task. Pure. */
final class Verdict {
    private Verdict() {}

    /**
     * Exit code 0 is success, and nothing else is; a task that failed is tried again until it has
     * had 1 + {@code maxRetries} attempts, whatever they ended by.
     *
     * @param attempt that ended, from 0
     * @param cancelling whether its execution is to end
     */
    static Outcome of(Ending ending, int attempt, int maxRetries, boolean cancelling) {
        Optional<Integer> code =
                ending.cause() instanceof ExitCause.Exited e
                        ? Optional.of(e.status())
                        : Optional.empty();
        Task.State state =
                code.equals(Optional.of(0))
                        ? Task.State.SUCCEEDED
                        : cancelling
                                ? Task.State.CANCELLED
                                : attempt < maxRetries ? Task.State.WAITING : Task.State.FAILED;
        return new Outcome(
                state,
                code,
                words(ending.cause()),
                ending.at(),
                state == Task.State.WAITING
                        ? Optional.of(ending.at().plus(BackOff.after(attempt)))
                        : Optional.empty());
    }

    private static String words(ExitCause cause) {
        return cause instanceof ExitCause.Stopped s && s.reason() == StopReason.TIMED_OUT
                ? "took longer than its timeout"
                : cause.words();
    }
}
