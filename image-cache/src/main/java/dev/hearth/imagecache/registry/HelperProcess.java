package dev.hearth.imagecache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of a credential helper, which ends within {@link #LONGEST} whatever the helper does. */
final class HelperProcess {
    /**
     * A helper that asks a cloud's server needs 1 or 2 s; one that waits for a person never ends.
     */
    static final Duration LONGEST = Duration.ofSeconds(10);

    private static final int MOST_BYTES = 64 * 1024;

    private HelperProcess() {}

    /** The status it ended with, and what it printed, which is secret. */
    record Result(int status, byte[] output) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return "status " + status;
        }
    }

    /** Why there is no result, as the end of a sentence. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }
    }

    /**
     * Runs {@code program get}.
     *
     * @param input what it reads, less than a pipe holds (64 KiB)
     */
    static Result run(Path program, String input, Duration left) throws FailedException {
        Duration timeout = left.compareTo(LONGEST) < 0 ? left : LONGEST;
        Process process;
        try {
            process =
                    new ProcessBuilder(program.toString(), "get")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            throw new FailedException("cannot be run (" + e.getMessage() + ")");
        }
        FutureTask<Result> run = new FutureTask<>(() -> talk(process, input));
        Thread.ofVirtual().name("credential-helper").start(run);
        try {
            return run.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new FailedException("did not end within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FailedException known) {
                throw known;
            }
            throw new FailedException("failed (" + e.getCause() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException("was given up");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static Result talk(Process process, String input)
            throws IOException, FailedException, InterruptedException {
        try (OutputStream out = process.getOutputStream()) {
            out.write((input + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading; its status says how.
        }
        try (InputStream in = process.getInputStream()) {
            byte[] output = in.readNBytes(MOST_BYTES + 1);
            if (output.length > MOST_BYTES) {
                throw new FailedException("printed more than " + MOST_BYTES + " bytes");
            }
            return new Result(process.waitFor(), output);
        }
    }
}
