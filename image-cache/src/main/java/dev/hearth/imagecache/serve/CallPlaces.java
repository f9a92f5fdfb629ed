package dev.hearth.imagecache.serve;

import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The calls that are answered at a time, each on a platform thread of its own, since they write to
 * disks. A push holds its place while a blob comes in.
 */
final class CallPlaces implements AutoCloseable {
    private static final int MOST = 64;

    /** For a place; a client that is told to come again does not wait for ever. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Semaphore free = new Semaphore(MOST, true);
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().daemon().name("registry-", 0).factory());

    /** Answers one call. */
    interface Answering {
        void run() throws IOException;
    }

    /** Waits for a place, and for the answer to be given. */
    void run(Answering answering) throws IOException {
        try {
            if (!free.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryFault(
                        Code.TOOMANYREQUESTS,
                        "the registry answers " + MOST + " calls already; try again in a moment");
            }
            try {
                await(answering);
            } finally {
                free.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the registry stops");
        }
    }

    private void await(Answering answering) throws IOException, InterruptedException {
        try {
            threads.submit(
                            () -> {
                                answering.run();
                                return true;
                            })
                    .get(); // its waits are bounded: by the stall watch, by the pull's deadline
        } catch (RejectedExecutionException stopping) {
            throw new IOException("the registry stops", stopping);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException broken -> throw broken;
                case null, default -> throw new IllegalStateException("the call failed", e);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
