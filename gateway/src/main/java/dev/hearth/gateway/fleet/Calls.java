package dev.hearth.gateway.fleet;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Calls with one answer, as futures. */
final class Calls {
    private Calls() {}

    /** The answer to a call; fails with what gRPC says. */
    static <Q, R> CompletableFuture<R> call(BiConsumer<Q, StreamObserver<R>> method, Q request) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        method.accept(
                request,
                new StreamObserver<>() {
                    private @Nullable R value;

                    @Override
                    public void onNext(R message) {
                        value = message;
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.complete(value);
                    }
                });
        return answer;
    }
}
