package dev.hearth.gateway.fleet;

import dev.hearth.contracts.InstanceId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Calls about one instance, one after the other, since calls of their own could overtake each other
 * on the way. Safe from any thread.
 */
final class InOrder {
    private final Map<InstanceId, CompletableFuture<?>> last = new HashMap<>();

    /** Makes a call when those before it have ended, however they did. */
    <T> CompletableFuture<T> call(InstanceId instance, Supplier<CompletionStage<T>> call) {
        CompletableFuture<T> result;
        synchronized (this) {
            CompletableFuture<?> before = last.get(instance);
            result =
                    before == null
                            ? call.get().toCompletableFuture()
                            : before.handle((done, failed) -> true).thenCompose(next -> call.get());
            last.put(instance, result);
        }
        result.whenComplete((done, failed) -> forget(instance, result));
        return result;
    }

    private synchronized void forget(InstanceId instance, CompletableFuture<?> ended) {
        last.remove(instance, ended);
    }
}
