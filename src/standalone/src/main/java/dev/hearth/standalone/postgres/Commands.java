package dev.hearth.standalone.postgres;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs PostgreSQL's programs, which refuse to run as root.
 *
 * <p>As root they get a user namespace of their own with nobody mapped ({@code unshare -U}): there
 * they are not root and hold no capability, but the kernel still lets them use root's files, so the
 * data directory can stay closed to everybody else. They also get a session of their own ({@code
 * setsid}), so that a Ctrl-C in the terminal reaches Hearth alone, which then stops PostgreSQL
 * last.
 */
final class Commands {
    private final boolean root;

    Commands(boolean root) {
        this.root = root;
    }

    /** A process to be; its standard streams are not set. */
    ProcessBuilder prepare(List<String> command) {
        List<String> all = new ArrayList<>(List.of("setsid"));
        if (root) {
            all.addAll(List.of("unshare", "-U", "--"));
        }
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    /**
     * Runs a program to its end.
     *
     * @param input for its standard input
     * @param log gets what it prints
     * @throws HearthException INTERNAL {@code postgres-failed} when it fails or is too slow, after
     *     killing it
     */
    void run(List<String> command, String input, Path log, Duration deadline) {
        String name = String.valueOf(Path.of(command.getFirst()).getFileName());
        Path script = log.resolveSibling(name + ".in");
        try {
            Files.writeString(script, input);
            Process process =
                    prepare(command)
                            .redirectInput(script.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .redirectErrorStream(true)
                            .start();
            try {
                if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw failed(name, "was not done after " + deadline.toSeconds() + " s", log);
                }
            } finally {
                process.destroyForcibly();
            }
            if (process.exitValue() != 0) {
                throw failed(name, "ended with status " + process.exitValue(), log);
            }
            Files.delete(script);
        } catch (IOException e) {
            throw failed(name, "could not be run: " + e.getMessage(), log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(name, "was interrupted", log);
        }
    }

    private static HearthException failed(String name, String what, Path log) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "postgres-failed",
                "the embedded PostgreSQL's "
                        + name
                        + " "
                        + what
                        + "; see "
                        + log
                        + ", or use another server with --database",
                lastLines(log));
    }

    /** The end of a log, at most ten lines, as evidence. */
    static List<String> lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.subList(Math.max(0, lines.size() - 10), lines.size());
        } catch (IOException unreadable) {
            return List.of("(" + log + " cannot be read: " + unreadable + ")");
        }
    }
}
