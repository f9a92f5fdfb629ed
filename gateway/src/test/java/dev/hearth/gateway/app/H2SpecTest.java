package dev.hearth.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Revisions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HTTP/2 conformance of the gateway's own end, by h2spec 2.2.0 (github.com/summerwind/h2spec),
 * whose program comes with its Maven plugin.
 */
class H2SpecTest {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) tests, (\\d+) passed");
    private static final Pattern FAILED = Pattern.compile("(?m)^ *× (\\d+: .*)$");

    /**
     * What Netty 4.1 answers otherwise, and leaves out of its own run of h2spec
     * (testsuite-http2/pom.xml): frames on a stream that was just closed are answered with, or
     * after, that stream's end instead of the connection's. No request comes of them.
     */
    private static final Set<String> NETTYS_OWN =
            Set.of(
                    "6: half closed (remote): Sends a HEADERS frame",
                    "12: closed: Sends a HEADERS frame",
                    "2: Sends stream identifier that is numerically smaller than previous");

    @TempDir Path directory;

    @Test
    void everyCase_butNettysOwn_passes() throws Exception {
        Path program = unpacked();
        Vertx vertx = Vertx.vertx();
        try (TestGateway door =
                new TestGateway(vertx, 1, Revisions.of("hello", 80, 10), Optional.empty())) {
            Path output = directory.resolve("output");
            Process h2spec =
                    new ProcessBuilder(
                                    program.toString(),
                                    "--host=127.0.0.1",
                                    "--port=" + door.port,
                                    "--timeout=5")
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            try {
                assertThat(h2spec.waitFor(120, TimeUnit.SECONDS)).as("h2spec ends").isTrue();
            } finally {
                h2spec.destroyForcibly();
            }
            String told = Files.readString(output);
            Matcher summary = SUMMARY.matcher(told);
            assertThat(summary.find()).as(told).isTrue();
            assertThat(Integer.parseInt(summary.group(1))).isGreaterThan(140);
            assertThat(FAILED.matcher(told).results().map(failed -> failed.group(1)))
                    .as(told)
                    .isSubsetOf(NETTYS_OWN);
        } finally {
            TestGateway.await(vertx.close());
        }
    }

    private Path unpacked() throws IOException, InterruptedException {
        Path archive = directory.resolve("h2spec.tar.gz");
        try (InputStream in = H2SpecTest.class.getResourceAsStream(ARCHIVE)) {
            assertThat(in).as(ARCHIVE).isNotNull();
            Files.copy(in, archive);
        }
        Process tar =
                new ProcessBuilder(
                                List.of(
                                        "tar",
                                        "-xzf",
                                        archive.toString(),
                                        "-C",
                                        directory.toString()))
                        .inheritIO()
                        .start();
        assertThat(tar.waitFor()).isZero();
        return directory.resolve("h2spec");
    }
}
