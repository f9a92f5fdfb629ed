package dev.hearth.bench.platform;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does the same with many things, some at a time. */
public final class Parallel {
    private Parallel() {}

    /**
     * Returns when all are done.
     *
     * @param width how many at a time
     * @throws BenchFailure the first that any of them threw
     */
    public static <T> void each(List<T> things, int width, Consumer<T> work) {
        try (ExecutorService threads = Executors.newFixedThreadPool(width)) {
            List<Future<?>> all =
                    things.stream()
                            .<Future<?>>map(t -> threads.submit(() -> work.accept(t)))
                            .toList();
            try {
                for (Future<?> one : all) {
                    one.get();
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw e.getCause() instanceof BenchFailure known
                        ? known
                        : new BenchFailure(String.valueOf(e.getCause()), e);
            } catch (InterruptedException e) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
                throw new BenchFailure("interrupted", e);
            }
        }
    }
}
