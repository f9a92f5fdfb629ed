package dev.hearth.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hearth.testing.Eventually;
import dev.hearth.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * An authority of certificates on loopback: Pebble, which the makers of Let's Encrypt test ACME
 * clients with, and its name server, by which every name is this machine. It refuses one nonce in
 * twenty, as clients have to expect.
 */
final class Pebble implements AutoCloseable {
    private final int port = Ports.free();
    private final Process names;
    private final Process authority;
    private final Path directory;

    /**
     * @param httpPort where the authority looks for proofs, instead of port 80
     */
    Pebble(Path directory, int httpPort) throws Exception {
        this.directory = directory;
        int dns = Ports.free();
        TestCertificate.write(directory, "directory", "localhost");
        Path config = directory.resolve("pebble.json");
        Files.writeString(
                config,
                """
                {"pebble": {
                  "listenAddress": "127.0.0.1:%d",
                  "managementListenAddress": "127.0.0.1:%d",
                  "certificate": "%s",
                  "privateKey": "%s",
                  "httpPort": %d,
                  "tlsPort": 1,
                  "ocspResponderURL": ""
                }}
                """
                        .formatted(
                                port,
                                Ports.free(),
                                root(),
                                directory.resolve("directory.key"),
                                httpPort));
        names =
                start(
                        "pebble-challtestsrv",
                        "-defaultIPv4=127.0.0.1",
                        "-defaultIPv6=",
                        "-dns01=127.0.0.1:" + dns,
                        "-http01=",
                        "-https01=",
                        "-tlsalpn01=",
                        "-management=");
        authority = start("pebble", "-config", config.toString(), "-dnsserver", "127.0.0.1:" + dns);
        Eventually.until("Pebble listens", Duration.ofSeconds(20), this::listens);
    }

    /** Skips a test where Pebble is not installed, except in CI. */
    static void need() {
        boolean there =
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(in -> Files.isExecutable(Path.of(in, "pebble")));
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there).as("pebble is installed").isTrue();
        }
        assumeTrue(there, "pebble is not installed; apt-get install pebble");
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve(command[0] + ".log").toFile());
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().put("PEBBLE_WFE_NONCEREJECT", "5");
        builder.environment().put("PEBBLE_AUTHZREUSE", "0");
        return builder.start();
    }

    private boolean listens() {
        assertThat(authority.isAlive()).as("pebble runs").isTrue();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String url() {
        return "https://localhost:" + port + "/dir";
    }

    /** What the directory's certificate is checked against. */
    Path root() {
        return directory.resolve("directory.pem");
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : List.of(authority, names)) {
            process.destroy();
            process.waitFor();
        }
    }
}
