package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Ports;
import dev.hearth.testing.SampleImages;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slips and broken things: one clear sentence, exit code 2, and nothing half-made stays. */
@Tag("root")
class BadInputTest {
    @TempDir static Path scratch;
    private static Platform platform;
    private static Path layout;

    @BeforeAll
    static void start() throws Exception {
        layout = SampleImages.layout(Platform.ROOT, "hello-c");
        platform = new Platform();
        platform.up();
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    @AfterEach
    void nothingHalfMade() {
        assertNone("/services");
        assertNone("/instances");
    }

    private static void assertNone(String what) {
        assertThat(platform.admin().get(what).jsonPath().getList("$"))
                .as(() -> what + "\n" + platform.state())
                .isEmpty();
    }

    private static Platform.Result refused(String reason, String... words) throws Exception {
        Platform.Result result = platform.hearth(words);
        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("hearth: ").contains(reason);
        return result;
    }

    private static Platform.Result deploy(String reason, String image, String... more)
            throws Exception {
        List<String> words = new ArrayList<>(List.of("deploy", "bad", "--image", image));
        words.addAll(List.of(more));
        return refused(reason, words.toArray(String[]::new));
    }

    private static String copyOfLayout(String name) throws IOException {
        Path copy = scratch.resolve(name);
        try (Stream<Path> files = Files.walk(layout)) {
            for (Path file : files.sorted().toList()) {
                Path to = copy.resolve(layout.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        return copy.toString();
    }

    private static Path largestBlob(String layoutCopy) throws IOException {
        try (Stream<Path> blobs = Files.list(Path.of(layoutCopy, "blobs/sha256"))) {
            return blobs.max(Comparator.comparingLong(p -> p.toFile().length())).orElseThrow();
        }
    }

    @Test
    void image_thatIsNotThere() throws Exception {
        deploy("no-such-dir", "oci:" + scratch.resolve("no-such-dir"));
    }

    @Test
    void image_ofARegistryThatIsAway() throws Exception {
        Platform.Result result =
                platform.hearth("deploy", "bad", "--image", "127.0.0.1:" + Ports.free() + "/a/b:c");
        assertThat(result.code()).isEqualTo(1); // not the caller's fault
        assertThat(result.err()).startsWith("hearth: ").contains("127.0.0.1");
    }

    @Test
    void image_reference_thatIsNone() throws Exception {
        deploy("", "UPPER/case:tag:tag");
    }

    @Test
    void layer_damaged() throws Exception {
        String copy = copyOfLayout("damaged");
        byte[] bytes = Files.readAllBytes(largestBlob(copy));
        bytes[bytes.length / 2] ^= 0x55;
        Files.write(largestBlob(copy), bytes);
        deploy("", "oci:" + copy);
    }

    @Test
    void layer_truncated() throws Exception {
        String copy = copyOfLayout("truncated");
        byte[] bytes = Files.readAllBytes(largestBlob(copy));
        Files.write(largestBlob(copy), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        deploy("", "oci:" + copy);
    }

    @Test
    void digest_thatIsNotTheImages() throws Exception {
        deploy("", "127.0.0.1:1/a@sha256:" + "0".repeat(63));
    }

    @Test
    void container_thatExitsAtOnce_showsItsLastLines() throws Exception {
        Platform.Result result =
                deploy("exited with status 3", "oci:" + layout, "--env", "HELLO_EXIT=3");
        assertThat(result.err()).contains("    hello: exiting as asked");
    }

    @Test
    void rateLimit_thatIsNone() throws Exception {
        deploy("\"fast\" is none of: none", "oci:" + layout, "--rate-limit", "fast");
    }

    @Test
    void container_thatNeverListens() throws Exception {
        deploy(
                "did not listen on port 8080 within 2s",
                "oci:" + layout,
                "--env",
                "HELLO_NO_LISTEN=1",
                "--timeout",
                "2s");
    }

    @Test
    void container_onAnotherPort() throws Exception {
        deploy(
                "did not listen on port 9",
                "oci:" + layout,
                "--env",
                "HELLO_NO_LISTEN=1",
                "--port",
                "9",
                "--timeout",
                "1s");
    }

    @Test
    void command_thatIsNotInTheImage() throws Exception {
        deploy("is not in the image", "oci:" + layout, "--command", "/no/such");
    }

    @Test
    void name_invalid() throws Exception {
        refused("is not valid", "deploy", "Bad_Name", "--image", "oci:" + layout);
    }

    @Test
    void memory_belowWhatTheKernelNeeds() throws Exception {
        deploy("at least 8Mi", "oci:" + layout, "--memory", "1Mi");
    }

    @Test
    void values_outOfRange() throws Exception {
        deploy("concurrency 5000", "oci:" + layout, "--concurrency", "5000");
        deploy("cpu", "oci:" + layout, "--cpu", "none");
        deploy("K_SERVICE", "oci:" + layout, "--env", "K_SERVICE=x");
        deploy("port 70000", "oci:" + layout, "--port", "70000");
        deploy("none, internet, all", "oci:" + layout, "--egress", "everything");
        deploy("169.254.0.0/16", "oci:" + layout, "--egress", "169.254.169.254");
        refused("--image", "deploy", "bad");
        refused("nosuch", "nosuch");
        refused("none", "describe", "none");
    }

    @Test
    void api_brokenCalls_4xxWithAReason() {
        String base = "http://127.0.0.1:" + platform.adminPort + "/api/v1";
        assertThat(RestAssured.get(base + "/services").statusCode()).isEqualTo(401);
        assertThat(call().body("{").post(base + "/services").jsonPath().getString("error.reason"))
                .isEqualTo("invalid-json");
        assertThat(
                        call().body("{\"nme\":1}")
                                .post(base + "/services")
                                .jsonPath()
                                .getString("error.reason"))
                .isEqualTo("unknown-field");
        Response missing = call().body("{\"name\":\"x\"}").post(base + "/services");
        assertThat(missing.statusCode()).isEqualTo(400);
        assertThat(missing.jsonPath().getString("error.reason")).isEqualTo("missing-field");
        assertThat(call().get(base + "/services/none").statusCode()).isEqualTo(404);
        assertThat(call().get(base + "/nothing").statusCode()).isEqualTo(404);
    }

    private static io.restassured.specification.RequestSpecification call() {
        return RestAssured.given().header("Authorization", "Bearer " + platform.token());
    }

    @Test
    void up_portInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            Platform.Result result =
                    Platform.run(
                            List.of(
                                    Platform.ROOT.resolve("hearth").toString(),
                                    "up",
                                    "--data",
                                    scratch.resolve("other").toString(),
                                    "--http-port",
                                    Integer.toString(taken.getLocalPort()),
                                    "--admin-port",
                                    Integer.toString(Ports.free())));
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err())
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("--http-port");
            assertThat(scratch.resolve("other")).doesNotExist();
        }
    }

    @Test
    void up_twiceOnOneDirectory() throws Exception {
        Platform.Result result =
                Platform.run(
                        List.of(
                                Platform.ROOT.resolve("hearth").toString(),
                                "up",
                                "--data",
                                platform.data.toString(),
                                "--http-port",
                                Integer.toString(Ports.free()),
                                "--admin-port",
                                Integer.toString(Ports.free())));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("already runs");
    }

    @Test
    void up_notRoot() throws Exception {
        // run as nobody, straight from the built program: the checkout may be in a place only root
        // can enter
        String java = System.getProperty("java.home") + "/bin/java";
        Path app = Platform.ROOT.resolve("src/standalone/target/quarkus-app");
        Path copy = Files.createTempDirectory("hearth-app");
        Platform.run(List.of("cp", "-r", app.toString(), copy.toString()));
        Platform.run(List.of("chmod", "-R", "a+rX", copy.toString()));
        try {
            Platform.Result result =
                    Platform.run(
                            List.of(
                                    "setpriv",
                                    "--reuid=65534",
                                    "--regid=65534",
                                    "--clear-groups",
                                    java,
                                    "-jar",
                                    copy.resolve("quarkus-app/quarkus-run.jar").toString(),
                                    "--data",
                                    "/tmp/hearth-nobody",
                                    "--http-port",
                                    Integer.toString(Ports.free()),
                                    "--admin-port",
                                    Integer.toString(Ports.free())));
            assertThat(result.code()).as(result.err()).isEqualTo(2);
            assertThat(result.err()).contains("root");
        } finally {
            Platform.run(List.of("rm", "-rf", copy.toString()));
        }
    }
}
