package dev.hearth.bench.pull;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Debian's {@code docker-registry} on a free loopback port, without TLS, with an empty store. */
final class LocalRegistry implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final String CONFIG =
            """
            version: 0.1
            log: {level: warn}
            storage:
              filesystem: {rootdirectory: %s}
            http: {addr: "127.0.0.1:%d"}
            """;

    private final Process process;
    private final int port = PrivatePlatform.freePort();

    /**
     * Returns when it answers.
     *
     * @param directory for its store; stays
     */
    LocalRegistry(Path directory, Clock clock) throws InterruptedException {
        try {
            Path config =
                    Files.writeString(
                            directory.resolve("config.yml"),
                            CONFIG.formatted(directory.resolve("store"), port));
            Path log = directory.resolve("log");
            process =
                    new ProcessBuilder("docker-registry", "serve", config.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            awaitPort(log, clock);
        } catch (IOException e) {
            throw new BenchFailure("docker-registry cannot be run: " + e, e);
        }
    }

    private void awaitPort(Path log, Clock clock) throws IOException, InterruptedException {
        long begun = clock.nanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException notYet) {
                if (process.waitFor(20, TimeUnit.MILLISECONDS)
                        || clock.nanos() - begun > START.toNanos()) {
                    process.destroyForcibly();
                    throw new BenchFailure(
                            "docker-registry does not start: " + Files.readString(log), notYet);
                }
            }
        }
    }

    /** The reference of an image in it: {@code 127.0.0.1:40123/bench/pull:latest}. */
    String reference(String image) {
        return "127.0.0.1:" + port + "/bench/" + image + ":latest";
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
