package dev.hearth.bench.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Hearth that nobody else uses: {@code hearth up} with a data directory and ports of its own. */
public final class PrivatePlatform implements AutoCloseable {
    private static final int UP_SECONDS = 120;
    private static final int DOWN_SECONDS = 120;

    private final Path scratch;
    private final Path data;
    private final Process process;
    private final int httpPort;
    private final Admin admin;

    private PrivatePlatform(Path scratch, Process process, int httpPort, int adminPort) {
        this.scratch = scratch;
        this.data = scratch.resolve("data");
        this.process = process;
        this.httpPort = httpPort;
        this.admin = Admin.of(adminPort, data.resolve("admin-token"));
    }

    /**
     * Returns when it says that it is ready.
     *
     * @param script {@code hearth}
     * @param options for {@code hearth up}
     */
    public static PrivatePlatform start(Path script, String... options) {
        return start(script, Map.of(), options);
    }

    /**
     * The same.
     *
     * @param environment beside the bench's own
     */
    public static PrivatePlatform start(
            Path script, Map<String, String> environment, String... options) {
        try {
            return start(script, Files.createTempDirectory("hearth-bench"), environment, options);
        } catch (IOException e) {
            throw new BenchFailure("a platform could not be started: " + e.getMessage(), e);
        }
    }

    /**
     * Goes on with what another one left.
     *
     * @param scratch as {@link #stop} answered it
     */
    public static PrivatePlatform again(Path script, Path scratch) {
        return start(script, scratch, Map.of());
    }

    private static PrivatePlatform start(
            Path script, Path scratch, Map<String, String> environment, String... options) {
        try {
            Path log = scratch.resolve("up.log");
            int http = freePort();
            int admin = freePort();
            List<String> command = new ArrayList<>();
            command.addAll(List.of(script.toString(), "up"));
            command.addAll(List.of("--data", scratch.resolve("data").toString()));
            command.addAll(List.of("--http-port", Integer.toString(http)));
            command.addAll(List.of("--admin-port", Integer.toString(admin)));
            command.addAll(List.of(options));
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            builder.environment().put("HEARTH_NO_BUILD", "1"); // whoever runs the bench has built
            builder.environment().putAll(environment);
            Process process = builder.start();
            // a bench that is ended in the middle leaves none behind
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            awaitReady(process, log);
            return new PrivatePlatform(scratch, process, http, admin);
        } catch (IOException e) {
            throw new BenchFailure("a platform could not be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    private static void awaitReady(Process process, Path log)
            throws IOException, InterruptedException {
        for (int waited = 0; waited < UP_SECONDS * 1000; waited += 20) {
            String said = Files.readString(log);
            if (said.lines().anyMatch(line -> line.startsWith("ready "))) {
                return;
            }
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new BenchFailure("`hearth up` ended: " + said.strip());
            }
        }
        process.destroyForcibly();
        throw new BenchFailure("`hearth up` was not ready in time; it printed " + log);
    }

    /** A port that nobody listens on now. */
    public static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new BenchFailure("no port is free on loopback: " + e, e);
        }
    }

    public Path data() {
        return data;
    }

    /** Of its JVM. */
    public long pid() {
        return process.pid();
    }

    public int httpPort() {
        return httpPort;
    }

    public Admin admin() {
        return admin;
    }

    /** Stops it with all that runs in it, and deletes its directory. */
    @Override
    public void close() {
        try {
            delete(stop());
        } catch (IOException e) {
            throw new BenchFailure("deleting " + scratch + " failed: " + e, e);
        }
    }

    /** Stops it with all that runs in it; its directory, the answer, stays. */
    public Path stop() {
        try (admin) {
            admin.shutdown();
            if (!process.waitFor(DOWN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new BenchFailure(
                        "the platform did not stop within "
                                + DOWN_SECONDS
                                + " s; it was killed, and left "
                                + scratch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted while the platform in " + scratch + " stops", e);
        }
        return scratch;
    }

    /** Deletes a tree; for scratch directories of the bench itself. */
    public static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
