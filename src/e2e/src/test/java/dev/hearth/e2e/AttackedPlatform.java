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
 * The {@link SharedPlatform} with the attacker of {@code src/testing/images/probe} deployed as
 * {@code probe} and a harmless neighbour. After every attack both still serve.
 */
final class AttackedPlatform implements BeforeAllCallback, AfterEachCallback {
    private static final String PROBE = "probe";
    private static final String NEIGHBOUR = "neighbour";

    /** Enough for as many processes as one instance may have. */
    private static final String MEMORY = "256Mi";

    private final Path image = SampleImages.layout(Platform.ROOT, "probe");

    /** The shared platform, once the attacker and the neighbour are deployed. */
    private record Attacked(Platform platform) {}

    private static Attacked attacked;

    @Override
    public void beforeAll(ExtensionContext context) {
        Platform shared = SharedPlatform.of(context);
        attacked =
                context.getRoot()
                        .getStore(ExtensionContext.Namespace.GLOBAL)
                        .computeIfAbsent(
                                Attacked.class, key -> withAttacker(shared), Attacked.class);
    }

    private Attacked withAttacker(Platform shared) {
        try {
            deploy(shared, PROBE, "oci:" + image);
            deploy(shared, NEIGHBOUR, Platform.HELLO);
            return new Attacked(shared);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** One instance, so that every attempt meets the same; it stays. */
    private static void deploy(Platform platform, String name, String image) throws Exception {
        platform.deployImage(
                name,
                image,
                "--memory",
                MEMORY,
                "--max",
                "1",
                "--concurrency",
                "10",
                "--timeout",
                "60s");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(platform().get(NEIGHBOUR, "/").asString()).isEqualTo("Hello World!\n");
        assertThat(attempt("/")).containsExactly("here");
    }

    Platform platform() {
        return attacked.platform();
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
        platform().succeed("stop", PROBE);
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
