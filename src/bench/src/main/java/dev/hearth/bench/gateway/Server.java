package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Processes;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that listens on a loopback port until it is closed. */
final class Server implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final int STOP_SECONDS = 10;
    private static final int CONNECT_MILLIS = 1000;

    private final Process process;
    private final Path log;

    /**
     * Returns when its port is open and it has all its processes.
     *
     * @param log what it prints
     * @param processes how many it is
     */
    Server(List<String> command, int port, int processes, Path log, Clock clock)
            throws InterruptedException {
        this.log = log;
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
        } catch (IOException e) {
            throw new BenchFailure(command.getFirst() + " cannot be run: " + e, e);
        }
        try {
            await(port, processes, clock);
        } catch (BenchFailure | InterruptedException e) {
            close();
            throw e;
        }
    }

    private void await(int port, int processes, Clock clock) throws InterruptedException {
        long begun = clock.nanos();
        while (!isOpen(port) || processes().size() < processes) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)
                    || clock.nanos() - begun > START.toNanos()) {
                throw new BenchFailure("port " + port + " was not opened: " + said());
            }
        }
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), CONNECT_MILLIS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private String said() {
        try {
            return Files.readString(log).strip();
        } catch (IOException e) {
            return log + " cannot be read: " + e;
        }
    }

    /** It and those it started. */
    List<Long> processes() {
        return Processes.tree(process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
