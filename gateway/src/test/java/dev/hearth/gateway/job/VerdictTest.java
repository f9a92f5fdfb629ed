package dev.hearth.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.JobQueuePort.Outcome;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Task.State;
import dev.hearth.contracts.TaskPort.Ending;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static Outcome of(ExitCause cause, int attempt, int maxRetries, boolean cancelling) {
        return Verdict.of(new Ending(cause, Instant.EPOCH), attempt, maxRetries, cancelling);
    }

    @Test
    void exitZero_succeeded_evenWhenCancelling() {
        assertThat(of(new ExitCause.Exited(0), 0, 0, true).state()).isEqualTo(State.SUCCEEDED);
        assertThat(of(new ExitCause.Exited(0), 3, 3, false).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void otherExit_triedAgainAsOftenAsRetriesSay() {
        assertThat(of(new ExitCause.Exited(3), 0, 2, false).state()).isEqualTo(State.WAITING);
        assertThat(of(new ExitCause.Exited(3), 1, 2, false).state()).isEqualTo(State.WAITING);
        Outcome last = of(new ExitCause.Exited(3), 2, 2, false);
        assertThat(last.state()).isEqualTo(State.FAILED);
        assertThat(last.exitCode()).isEqualTo(Optional.of(3));
        assertThat(last.message()).isEqualTo("exited with status 3");
    }

    @Test
    void triedAgain_afterARestFromItsEndOn_elseNoRest() {
        assertThat(of(new ExitCause.Exited(3), 2, 9, false).notBefore())
                .contains(Instant.EPOCH.plusSeconds(4));
        assertThat(of(new ExitCause.Exited(3), 8, 9, false).notBefore())
                .contains(Instant.EPOCH.plusSeconds(60));
        assertThat(of(new ExitCause.Exited(0), 0, 9, false).notBefore()).isEmpty();
        assertThat(of(new ExitCause.Exited(3), 9, 9, false).notBefore()).isEmpty();
        assertThat(of(new ExitCause.Exited(3), 0, 9, true).notBefore()).isEmpty();
    }

    @Test
    void anyOtherEnd_isAnAttempt() {
        assertThat(of(new ExitCause.Killed(9), 0, 0, false).state()).isEqualTo(State.FAILED);
        assertThat(of(new ExitCause.Unwatched(), 0, 0, false).state()).isEqualTo(State.FAILED);
        assertThat(of(new ExitCause.NodeLost("n1"), 0, 1, false).state()).isEqualTo(State.WAITING);
        assertThat(of(new ExitCause.NotStarted("no such file"), 0, 0, false).message())
                .isEqualTo("could not be started: no such file");
        assertThat(of(new ExitCause.Stopped(StopReason.TIMED_OUT), 0, 0, false).message())
                .isEqualTo("took longer than its timeout");
    }

    @Test
    void cancelling_neverTriedAgain() {
        assertThat(of(new ExitCause.Exited(1), 0, 3, true).state()).isEqualTo(State.CANCELLED);
    }
}
