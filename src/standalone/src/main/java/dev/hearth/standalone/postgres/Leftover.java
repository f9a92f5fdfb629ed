package dev.hearth.standalone.postgres;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The server that a platform killed with SIGKILL left running, known by {@code postmaster.pid} in
 * its cluster.
 */
final class Leftover {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private Leftover() {}

    /**
     * Stops the server that runs in {@code cluster}, if any, as a shutdown would; and removes a
     * {@code postmaster.pid} whose process is gone or is another program by now, which would
     * otherwise keep PostgreSQL from starting.
     */
    static void stop(Path cluster, Distribution programs, Commands commands, Path log) {
        Path file = cluster.resolve("postmaster.pid");
        try {
            if (!Files.exists(file)) {
                return;
            }
            if (isServerOf(cluster, file)) {
                commands.run(stopCommand(programs, cluster), "", log, DEADLINE);
            } else {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "postgres-failed",
                    "finding out whether a PostgreSQL still runs in " + cluster + " failed: " + e,
                    e);
        }
    }

    /** Ends clients' connections and shuts down cleanly; returns when the server is gone. */
    static List<String> stopCommand(Distribution programs, Path cluster) {
        return List.of(
                programs.program("pg_ctl"),
                "stop",
                "--pgdata=" + cluster,
                "--mode=fast",
                "--wait",
                "--timeout=20",
                "--silent");
    }

    /**
     * A postmaster's working directory is its cluster; a process that took its id later has
     * another.
     */
    private static boolean isServerOf(Path cluster, Path pidFile) throws IOException {
        Optional<String> pid = Files.readAllLines(pidFile).stream().findFirst();
        if (pid.isEmpty() || !pid.get().matches("\\d{1,9}")) {
            return false;
        }
        Path directory = Path.of("/proc", pid.get(), "cwd");
        return Files.exists(directory) && directory.toRealPath().equals(cluster.toRealPath());
    }
}
