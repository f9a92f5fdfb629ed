package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.SampleImages;
import io.restassured.response.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A platform with the attacker of {@code src/testing/images/probe} deployed as {@code probe} and a
 * harmless neighbour; the classes that attack it share it. After every attack both still serve.
 */
final class AttackedPlatform implements BeforeAllCallback, AfterEachCallback {
    private static final String PROBE = "probe";
    private static final String NEIGHBOUR = "neighbour";

    /** Enough for as many processes as one instance may have. */
    private static final String MEMORY = "256Mi";

    private final Path image = SampleImages.layout(Platform.ROOT, "probe");

    /** Lives until all tests of the module are done. */
    private record Running(Platform platform) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            platform.close();
        }
    }

    private static Running running;

    @Override
    public void beforeAll(ExtensionContext context) {
        running =
                context.getRoot()
                        .getStore(ExtensionContext.Namespace.GLOBAL)
                        .computeIfAbsent(Running.class, key -> start(), Running.class);
    }

    private Running start() {
        String hello = "oci:" + SampleImages.layout(Platform.ROOT, "hello-c");
        try {
            Platform platform = new Platform();
            try {
                platform.up();
                deploy(platform, PROBE, "oci:" + image);
                deploy(platform, NEIGHBOUR, hello);
            } catch (Exception | AssertionError e) {
                platform.close();
                throw e;
            }
            return new Running(platform);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** One instance, so that every attempt meets the same; it stays. */
    private static void deploy(Platform platform, String name, String image) throws Exception {
        Platform.Result deployed =
                platform.hearth(
                        "deploy",
                        name,
                        "--image",
                        image,
                        "--memory",
                        MEMORY,
                        "--max",
                        "1",
                        "--concurrency",
                        "10",
                        "--timeout",
                        "60s");
        assertThat(deployed.code()).as(deployed.err()).isZero();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(platform().get(NEIGHBOUR, "/").asString()).isEqualTo("Hello World!\n");
        assertThat(attempt("/")).containsExactly("here");
    }

    Platform platform() {
        return running.platform();
    }

    /** The attacker's program, to be run on the host. */
    Path program() {
        return image.resolve("probe");
    }

    /** An attempt that may end the instance. */
    Response get(String target) {
        return platform().get(PROBE, target);
    }

    /** One attempt; the lines that tell how it went. */
    List<String> attempt(String target) {
        Response answer = get(target);
        assertThat(answer.statusCode()).as(target + " " + answer.asString()).isEqualTo(200);
        return answer.asString().lines().toList();
    }

    /** What is left of the attempts: the instance ends, the next request gets another. */
    void renew() throws Exception {
        Platform.Result stopped = platform().hearth("stop", PROBE);
        assertThat(stopped.code()).as(stopped.err()).isZero();
    }

    /** The instance's init, as the host sees it. */
    long initOnHost() throws Exception {
        String json = platform().hearth("instances", PROBE, "--json").out();
        return Pattern.compile("\"pid\" : (\\d+)")
                .matcher(json)
                .results()
                .map(found -> Long.parseLong(found.group(1)))
                .filter(pid -> Files.exists(Path.of("/proc/" + pid)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no instance in " + json));
    }
}
