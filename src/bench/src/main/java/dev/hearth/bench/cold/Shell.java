package dev.hearth.bench.cold;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A waiting {@code sh} that runs commands as they are written to it: the start of a process costs
 * its fork and exec and not what a large JVM adds to them.
 */
final class Shell implements AutoCloseable {
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    /**
     * @param launcher what to run {@code sh} with, such as {@code unshare -m}; may be empty
     * @param errors gets what commands print to standard error
     */
    Shell(List<String> launcher, Path errors) {
        try {
            var all = new java.util.ArrayList<>(launcher);
            all.add("sh");
            process = new ProcessBuilder(all).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            throw new BenchFailure("a shell could not be started: " + e, e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Hands a command over; does not wait. */
    void send(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new BenchFailure("the shell is gone: " + e, e);
        }
    }

    /** Runs a command whose own output is discarded; answers its exit status. */
    int run(String command) {
        send("{ " + command + "; } </dev/null >/dev/null; echo $?");
        try {
            String status = answers.readLine();
            if (status == null) {
                throw new BenchFailure("the shell ended at: " + command);
            }
            return Integer.parseInt(status);
        } catch (IOException e) {
            throw new BenchFailure("the shell is gone: " + e, e);
        }
    }

    /** A word of a command, quoted. */
    static String quote(Object word) {
        return "'" + word.toString().replace("'", "'\\''") + "'";
    }

    @Override
    public void close() {
        try {
            commands.close();
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new BenchFailure("closing the shell failed: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
