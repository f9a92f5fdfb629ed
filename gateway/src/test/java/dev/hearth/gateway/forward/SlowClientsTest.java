package dev.hearth.gateway.forward;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attacks by slowness, made by slowhttptest: hundreds of clients that send their heads or bodies,
 * or read their answers, a few octets at a time. Meanwhile others are served as ever.
 */
class SlowClientsTest {
    private static final int ATTACKERS = 400;
    private static final String SECONDS = "7";
    private static final Deadlines SHORT =
            new Deadlines(Duration.ofSeconds(3), Duration.ofSeconds(3));

    @TempDir Path directory;
    private final Vertx vertx = Vertx.vertx();
    private RawContainer container;
    private Traffic traffic;
    private int port;

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        if (container != null) {
            container.close();
        }
    }

    /** A container with a page of a megabyte. */
    private void gateway() throws Exception {
        byte[] page = new byte[1 << 20];
        container =
                new RawContainer(
                        (head, n, in, out) -> {
                            int length = head.startsWith("GET /small") ? 5 : page.length;
                            out.write(
                                    ("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n")
                                            .getBytes(StandardCharsets.US_ASCII));
                            out.write(page, 0, length);
                            return !head.startsWith("POST");
                        });
        Routes routes = new Routes(new HostNames("localhost"));
        traffic =
                new Traffic(
                        routes,
                        new FakeRuntime("127.0.0.1", container.port()).startAtOnce(),
                        Clock.system());
        traffic.replace(
                RouteTable.of(Map.of(new ServiceName("hello"), Revisions.of("hello", 1000, 10))));
        port =
                FrontDoor.before(
                                TestForwarder.on(vertx, routes),
                                vertx,
                                new HttpServerOptions().setAcceptBacklog(1024),
                                SHORT)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
    }

    @Test
    void slowHeads_areClosed() throws Exception {
        assertThat(attack("-H", "-i", "1", "-x", "10", "-t", "GET"))
                .contains("No open connections left");
    }

    @Test
    void slowBodies_areClosed() throws Exception {
        assertThat(attack("-B", "-i", "4", "-x", "10", "-s", "8192", "-t", "POST"))
                .contains("No open connections left");
    }

    @Test
    void slowReaders_holdNobodyUp() throws Exception {
        attack("-X", "-n", "2", "-z", "10", "-w", "10", "-y", "20", "-k", "3");
    }

    /** What the tool told in the end. */
    private String attack(String... how) throws Exception {
        boolean there =
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(in -> Files.isExecutable(Path.of(in, "slowhttptest")));
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there).as("slowhttptest is installed").isTrue();
        }
        assumeTrue(there, "slowhttptest is not installed; apt-get install slowhttptest");
        gateway();
        Path log = directory.resolve("log");
        Process attack =
                new ProcessBuilder(
                                Stream.concat(
                                                Stream.of(
                                                        "slowhttptest",
                                                        "-c",
                                                        "" + ATTACKERS,
                                                        "-r",
                                                        "200",
                                                        "-l",
                                                        SECONDS,
                                                        "-p",
                                                        "3",
                                                        "-d",
                                                        "127.0.0.1:" + port,
                                                        "-u",
                                                        "http://hello.localhost/"),
                                                Stream.of(how))
                                        .toList())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int served = 0;
        long worstMillis = 0;
        try {
            while (attack.isAlive()) {
                long began = System.nanoTime();
                assertThat(small()).startsWith("HTTP/1.1 200 OK");
                worstMillis = Math.max(worstMillis, (System.nanoTime() - began) / 1_000_000);
                served++;
                Thread.sleep(5);
            }
        } finally {
            attack.destroy();
            attack.waitFor();
        }
        String told = Files.readString(log).replaceAll("\u001b\\[[0-9;]*m", "");
        assertThat(told).contains("service available:   YES").doesNotContain("available:   NO");
        // fifty or a hundred on a machine of two CPUs, of which the attack takes most
        assertThat(served)
                .as("ordinary requests, the slowest in %d ms", worstMillis)
                .isGreaterThan(5);
        assertThat(worstMillis).as("the slowest ordinary request, ms").isLessThan(10_000);
        until("no request is left", Duration.ofSeconds(20), () -> traffic.activeRequests() == 0);
        return told;
    }

    private String small() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            "GET /small HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
