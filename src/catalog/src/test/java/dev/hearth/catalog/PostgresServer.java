package dev.hearth.catalog;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A real PostgreSQL 18 for the tests of a JVM, which can be stopped, hung and brought back. */
public final class PostgresServer implements QuarkusTestResourceLifecycleManager {
    private static PostgresServer running;

    private Path data;
    private int port;
    private EmbeddedPostgres server;

    /** The one that the tests share. */
    public static PostgresServer running() {
        return running;
    }

    @Override
    public Map<String, String> start() {
        try {
            data = Files.createTempDirectory("hearth-catalog-test");
            server = builder().start();
            port = server.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        running = this;
        return Map.of(
                "quarkus.datasource.reactive.url", reactiveUrl(),
                "quarkus.datasource.username", "postgres",
                "quarkus.datasource.password", "postgres");
    }

    String reactiveUrl() {
        return "postgresql://127.0.0.1:" + port + "/postgres";
    }

    EmbeddedPostgres server() {
        return server;
    }

    /** Stops the server's processes where they are: connections stay open, nothing answers. */
    public void hang() {
        signal("STOP");
    }

    public void goOn() {
        signal("CONT");
    }

    void shutDown() throws IOException {
        server.close();
    }

    void startAgain() throws IOException {
        server = builder().setPort(port).start();
    }

    private EmbeddedPostgres.Builder builder() {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data.resolve("pg"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "off");
    }

    private void signal(String name) {
        try {
            long postmaster =
                    Long.parseLong(
                            Files.readAllLines(data.resolve("pg/postmaster.pid")).getFirst());
            ProcessHandle handle = ProcessHandle.of(postmaster).orElseThrow();
            Stream.concat(Stream.of(handle), handle.descendants())
                    .forEach(p -> kill(name, p.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        try {
            server.close();
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
