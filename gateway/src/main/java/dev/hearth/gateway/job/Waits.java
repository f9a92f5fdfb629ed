package dev.hearth.gateway.job;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for answers, on a thread that may block. */
final class Waits {
    /** Longer than the catalog and the nodes take to say that they cannot. */
    private static final int SECONDS = 10;

    private Waits() {}

    /** The answer; throws the HearthException that it failed with, or DEADLINE. */
    static <T> T of(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw HearthException.from(e);
        } catch (TimeoutException e) {
            throw new HearthException(
                    ErrorKind.DEADLINE,
                    "no-answer",
                    "the catalog or a node did not answer within " + SECONDS + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(
                    ErrorKind.UNAVAILABLE, "platform-stopping", "the gateway is stopping", e);
        }
    }
}
