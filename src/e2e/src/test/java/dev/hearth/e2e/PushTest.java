package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.testing.SampleImages;
import io.restassured.response.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Images that are pushed to the platform, or sent or built by {@code deploy}, and then run. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PushTest {
    @TempDir static Path scratch;
    private static Platform platform;
    private static Path layout;
    private static String host;

    @BeforeAll
    static void start(Platform shared) {
        layout = SampleImages.layout(Platform.ROOT, "hello-c");
        platform = shared;
        host = "localhost:" + platform.httpPort;
    }

    private static void need(String program) {
        boolean there =
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
        String message = program + " is missing; on Debian or Ubuntu: apt-get install " + program;
        assertThat(there || !"true".equals(System.getenv("CI"))).as(message).isTrue();
        Assumptions.assumeTrue(there, message);
    }

    /** Runs a program with a store of its own, should it be buildah or podman. */
    private static Platform.Result run(String... command) throws Exception {
        Path storage = scratch.resolve("storage.conf");
        Files.writeString(
                storage,
                """
                [storage]
                driver = "vfs"
                graphroot = "%s"
                runroot = "%s"
                """
                        .formatted(scratch.resolve("storage"), scratch.resolve("storage-run")));
        Path logIns = scratch.resolve("auth.json"); // has to be there, if only empty
        if (!Files.exists(logIns)) {
            Files.writeString(logIns, "{}");
        }
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "env",
                                "BUILDAH_ISOLATION=chroot",
                                "CONTAINERS_STORAGE_CONF=" + storage,
                                "REGISTRY_AUTH_FILE=" + logIns));
        all.addAll(List.of(command));
        return Platform.run(all);
    }

    private static String succeed(String... command) throws Exception {
        Platform.Result result = run(command);
        assertThat(result.code()).as(String.join(" ", command) + "\n" + result.err()).isZero();
        return result.out();
    }

    private static Platform.Result deploy(String name, String... image) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(Platform.ROOT.resolve("hearth").toString(), "deploy", name));
        command.addAll(List.of(image));
        command.addAll(
                List.of(
                        "--data",
                        platform.data.toString(),
                        "--admin-port",
                        Integer.toString(platform.adminPort)));
        return run(command.toArray(String[]::new));
    }

    private static void deployAndCall(String name, String... image) throws Exception {
        Platform.Result deployed = deploy(name, image);
        assertThat(deployed.code()).as(deployed.err()).isZero();
        assertThat(deployed.lastLine()).isEqualTo("http://" + name + "." + host + "/");
        Response answer = platform.get(name, "/");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.asString()).isEqualTo("Hello World!\n");
    }

    private static void skopeoPush(String repositoryAndTag, String token) throws Exception {
        succeed(
                "skopeo",
                "copy",
                "--insecure-policy",
                "--dest-tls-verify=false",
                "--dest-creds=hearth:" + token,
                "oci:" + layout + ":latest",
                "docker://" + host + "/" + repositoryAndTag);
    }

    @Test
    @Order(1)
    void skopeo_pushThenDeploy_served() throws Exception {
        need("skopeo");
        skopeoPush("team/hello:v1", platform.registryToken());
        deployAndCall("by-skopeo", "--image", host + "/team/hello:v1");
    }

    @Test
    @Order(2)
    void podman_logInPushThenDeploy_served() throws Exception {
        need("podman");
        String loaded = succeed("podman", "--cgroup-manager=cgroupfs", "load", "-q", "-i", saved());
        String id = loaded.substring(loaded.lastIndexOf(' ')).strip();
        succeed(
                "podman",
                "login",
                "--tls-verify=false",
                "-u",
                "hearth",
                "-p",
                platform.registryToken(),
                host);
        succeed("podman", "push", "--tls-verify=false", id, host + "/podman/hello:v1");
        deployAndCall("by-podman", "--image", host + "/podman/hello:v1");
    }

    @Test
    @Order(3)
    void push_wrongToken_refused() throws Exception {
        need("skopeo");
        Platform.Result refused =
                run(
                        "skopeo",
                        "copy",
                        "--insecure-policy",
                        "--dest-tls-verify=false",
                        "--dest-creds=hearth:wrong",
                        "oci:" + layout + ":latest",
                        "docker://" + host + "/team/hello:v2");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("unauthorized");
    }

    /** The image as {@code docker save} writes it. */
    private static String saved() throws Exception {
        Path file = scratch.resolve("saved.tar");
        if (!Files.exists(file)) {
            succeed(
                    "skopeo",
                    "copy",
                    "--insecure-policy",
                    "oci:" + layout + ":latest",
                    "docker-archive:" + file + ":hello:saved");
        }
        return file.toString();
    }

    @Test
    @Order(4)
    void deploy_savedFile_served() throws Exception {
        need("skopeo");
        Path oci = scratch.resolve("oci.tar");
        String from = "oci:" + layout + ":latest";
        succeed("skopeo", "copy", "--insecure-policy", from, "oci-archive:" + oci);
        deployAndCall("by-file", "--image", saved());
        deployAndCall("by-oci-file", "--image", oci.toString());
    }

    @Test
    @Order(5)
    void deploy_layoutDirectory_served() throws Exception {
        deployAndCall("by-layout", "--image", layout.toString());
    }

    @Test
    @Order(6)
    void deploy_source_builtAndServed() throws Exception {
        need("buildah");
        deployAndCall("by-source", "--source", source().toString());
    }

    private static Path source() throws Exception {
        Path source = Files.createDirectories(scratch.resolve("source"));
        Path program = source.resolve("hello");
        if (!Files.exists(program)) {
            Files.copy(layout.resolve("hello"), program);
        }
        Files.writeString(
                source.resolve("Dockerfile"),
                "FROM scratch\nCOPY --chmod=755 hello /bin/hello\nENTRYPOINT [\"/bin/hello\"]\n");
        return source;
    }

    @Test
    @Order(7)
    void deploy_sourceThatCannotBeBuilt_saysWhyAndWhatToDo() throws Exception {
        Path bin = Files.createDirectories(scratch.resolve("bin")); // all programs but builders
        for (String directory : List.of("/usr/sbin", "/usr/bin")) {
            try (Stream<Path> programs = Files.list(Path.of(directory))) {
                for (Path program : programs.toList()) {
                    String name = String.valueOf(program.getFileName());
                    if (!List.of("buildah", "podman").contains(name)
                            && !Files.exists(bin.resolve(name))) {
                        Files.deleteIfExists(bin.resolve(name));
                        Files.createSymbolicLink(bin.resolve(name), program);
                    }
                }
            }
        }
        List<String> command =
                List.of(
                        "env",
                        "PATH=" + bin,
                        Platform.ROOT.resolve("hearth").toString(),
                        "deploy",
                        "unbuilt",
                        "--source",
                        source().toString(),
                        "--data",
                        platform.data.toString(),
                        "--admin-port",
                        Integer.toString(platform.adminPort));
        Platform.Result none = run(command.toArray(String[]::new));
        assertThat(none.code()).as(none.err()).isEqualTo(2);
        assertThat(none.err()).contains("buildah or podman", "apt-get install buildah");

        Platform.Result empty =
                deploy(
                        "unbuilt",
                        "--source",
                        Files.createDirectories(scratch.resolve("empty")).toString());
        assertThat(empty.code()).isEqualTo(2);
        assertThat(empty.err()).contains("no Dockerfile");

        need("buildah");
        Path broken = Files.createDirectories(scratch.resolve("broken"));
        Files.writeString(broken.resolve("Dockerfile"), "FROM scratch\nCOPY none /none\n");
        Platform.Result failed = deploy("unbuilt", "--source", broken.toString());
        assertThat(failed.code()).isEqualTo(2);
        assertThat(failed.err())
                .containsSubsequence("building ", "STEP 1/2: FROM scratch", "none", "hearth: ")
                .contains("failed; see above");
        assertThat(platform.hearth("services").out()).doesNotContain("unbuilt");
    }

    @Test
    @Order(8)
    void images_listed_withNamesSizesAndServices() throws Exception {
        need("skopeo");
        assertThat(platform.hearth("images").out())
                .contains("IMAGE", host + "/", "by-skopeo", "pushed", "budget");
        JsonNode image = imageOf("by-skopeo");
        assertThat(image.get("references").toString()).contains(host + "/team/hello:v1");
        assertThat(image.get("bytes").asLong()).isPositive();
        String sbom = platform.hearth("images", "--sbom", host + "/team/hello:v1").out();
        assertThat(new ObjectMapper().readTree(sbom).get("bomFormat").asText())
                .isEqualTo("CycloneDX");
    }

    /** The image that a service runs, null when none does. */
    private static JsonNode imageOf(String service) throws Exception {
        String json = platform.hearth("images", "--json").out();
        for (JsonNode image : new ObjectMapper().readTree(json).get("images")) {
            if (image.get("services").toString().contains("\"" + service + "\"")) {
                return image;
            }
        }
        return null;
    }

    /** That it removes the others, a minute after their last use, is shown by KeepTest. */
    @Test
    @Order(9)
    void prune_afterDelete_whatServicesRunStays() throws Exception {
        need("buildah");
        String kept = imageOf("by-layout").get("digest").asText();
        assertThat(platform.hearth("delete", "by-source").code()).isZero();

        Platform.Result pruned = platform.hearth("images", "--prune");

        assertThat(pruned.code()).as(pruned.err()).isZero();
        assertThat(pruned.out()).matches("removed \\d+ images, freed .*\n");
        assertThat(platform.hearth("images", "--json").out()).contains(kept);
        assertThat(platform.get("by-layout", "/").statusCode()).isEqualTo(200);
    }
}
