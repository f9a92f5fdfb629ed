package dev.hearth.standalone.postgres;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.standalone.data.Preflight;
import dev.hearth.standalone.options.DatabaseUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running PostgreSQL of our own, on a random port of 127.0.0.1. */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(25);
    private static final long MOST_LOG_BYTES = 4 << 20;

    private final Distribution programs;
    private final Commands commands;
    private final Cluster cluster;
    private final Path log;
    private final Process server;
    private final int port;

    private EmbeddedPostgres(
            Distribution programs,
            Commands commands,
            Cluster cluster,
            Path log,
            Process server,
            int port) {
        this.programs = programs;
        this.commands = commands;
        this.cluster = cluster;
        this.log = log;
        this.server = server;
        this.port = port;
    }

    /**
     * A port that is free on loopback now. Between this answer and its use somebody else may take
     * it; the server then says so and does not start.
     */
    public static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL, "no-free-port", "no port is free on loopback: " + e, e);
        }
    }

    /**
     * Unpack and initialise what is missing, stop what an earlier platform left, start; returns
     * when connections are taken.
     *
     * @param home where programs and cluster are kept
     * @param logs where {@code postgres.log} goes
     * @param port see {@link #freePort}
     * @throws HearthException INTERNAL {@code postgres-failed} or {@code postgres-unpack-failed}
     */
    public static EmbeddedPostgres start(Path home, Path logs, int port, Clock clock) {
        Path log = freshLog(home, logs);
        Commands commands = new Commands(Preflight.isRoot());
        Distribution programs = Distribution.in(home);
        Cluster cluster = Cluster.in(home, programs, commands, log);
        Leftover.stop(cluster.directory(), programs, commands, log);
        Process server = launch(programs, commands, cluster, log, port);
        EmbeddedPostgres started =
                new EmbeddedPostgres(programs, commands, cluster, log, server, port);
        try {
            started.awaitReady(clock);
            return started;
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** How to log in to the server that {@link #start} with the same arguments starts. */
    public static DatabaseUrl address(Path home, int port) {
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw unexpected("making " + home, e);
        }
        return new DatabaseUrl(
                "postgresql://127.0.0.1:" + port + "/" + Cluster.DATABASE,
                "hearth",
                Cluster.passwordIn(home));
    }

    /** As PostgreSQL's own pg_ctl does it: line 8 of postmaster.pid says "ready". */
    private void awaitReady(Clock clock) {
        Path status = cluster.directory().resolve("postmaster.pid");
        long begin = clock.nanos();
        while (!isReady(status)) {
            try {
                if (server.waitFor(2, TimeUnit.MILLISECONDS)) {
                    throw failed("ended with status " + server.exitValue() + " at its start");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failed("was interrupted at its start");
            }
            if (clock.nanos() - begin > START_DEADLINE.toNanos()) {
                throw failed("was not ready after " + START_DEADLINE.toSeconds() + " s");
            }
        }
    }

    private boolean isReady(Path status) {
        try {
            List<String> lines = Files.exists(status) ? Files.readAllLines(status) : List.of();
            return lines.size() >= 8
                    && lines.get(0).equals(Long.toString(server.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException e) {
            throw unexpected("reading " + status, e);
        }
    }

    private static Process launch(
            Distribution programs, Commands commands, Cluster cluster, Path log, int port) {
        try {
            Process server =
                    commands.prepare(
                                    List.of(
                                            programs.program("postgres"),
                                            "-D",
                                            cluster.directory().toString(),
                                            "-p",
                                            Integer.toString(port)))
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .redirectErrorStream(true)
                            .start();
            server.getOutputStream().close();
            return server;
        } catch (IOException e) {
            throw unexpected("starting the embedded PostgreSQL", e);
        }
    }

    private static Path freshLog(Path home, Path logs) {
        Path log = logs.resolve("postgres.log");
        try {
            Files.createDirectories(home);
            Files.createDirectories(logs);
            if (Files.exists(log) && Files.size(log) > MOST_LOG_BYTES) {
                Files.move(
                        log, logs.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            return log;
        } catch (IOException e) {
            throw unexpected("making " + home + " and " + log, e);
        }
    }

    private static HearthException unexpected(String what, IOException e) {
        return new HearthException(
                ErrorKind.INTERNAL, "postgres-failed", what + " failed: " + e, e);
    }

    private HearthException failed(String what) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "postgres-failed",
                "the embedded PostgreSQL "
                        + what
                        + "; see "
                        + log
                        + ", or use another server with --database",
                Commands.lastLines(log));
    }

    /** Shuts the server down cleanly, ending connections; kills it when that takes too long. */
    @Override
    public void close() {
        try {
            if (server.isAlive()) {
                commands.run(
                        Leftover.stopCommand(programs, cluster.directory()),
                        "",
                        log,
                        STOP_DEADLINE);
            }
        } finally {
            server.destroyForcibly();
        }
    }

    /** Where it listens. */
    public int port() {
        return port;
    }
}
