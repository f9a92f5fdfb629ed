package dev.hearth.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hearth.contracts.HearthException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waits for what a test expects, with a deadline. */
public final class Stages {
    private Stages() {}

    public static <T> T done(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("failed: " + e, e);
        }
    }

    public static HearthException failureOf(CompletionStage<?> stage) {
        Throwable failure =
                catchThrowable(() -> stage.toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertThat(failure).hasCauseInstanceOf(HearthException.class);
        return (HearthException) failure.getCause();
    }

    public static boolean succeeds(CompletionStage<?> stage) {
        return catchThrowable(() -> stage.toCompletableFuture().get(20, TimeUnit.SECONDS)) == null;
    }

    public static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(end);
        }
    }
}
