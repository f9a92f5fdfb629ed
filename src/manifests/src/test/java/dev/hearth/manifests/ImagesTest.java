package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The images that {@code src/images} makes of the processes, on a base that has nothing in it: what
 * jib does is the same on Debian's.
 */
class ImagesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A first run fetches jib. */
    private static final long MINUTES = 5;

    @TempDir private static Path temp;
    private static Path base;
    private static Path images;

    @BeforeAll
    static void build() throws Exception {
        base = Files.createDirectory(temp.resolve("base"));
        archive(base.resolve("base.tar"));
        Files.copy(base.resolve("base.tar"), base.resolve("node.tar"));
        images = temp.resolve("once");
        maven(images, "package");
    }

    /** An archive like those of {@code docker save}, of one layer without files. */
    private static void archive(Path to) throws Exception {
        Path content = Files.createTempDirectory(temp, "content");
        byte[] empty = new byte[1024]; // the end of a tar
        String id = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(empty));
        Files.write(content.resolve("layer.tar"), empty);
        Files.writeString(
                content.resolve("config.json"),
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":"
                        + "{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                        + id
                        + "\"]}}");
        Files.writeString(
                content.resolve("manifest.json"),
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"base:1\"],"
                        + "\"Layers\":[\"layer.tar\"]}]");
        run(
                List.of(
                        "tar",
                        "-cf",
                        to.toString(),
                        "-C",
                        content.toString(),
                        "layer.tar",
                        "config.json",
                        "manifest.json"));
    }

    /** Runs Maven in the module of the images, with caches of its own. */
    private static void maven(Path target, String... goals) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Documents.ROOT.resolve("mvnw").toString());
        command.addAll(List.of("-q", "-B", "-pl", "src/images", "-DskipChecks"));
        command.addAll(List.of(goals));
        command.add("-Dimages.base=" + base);
        command.add("-Dimages.target=" + target);
        command.add("-Djib.baseImageCache=" + target.resolve("cache-of-bases"));
        command.add("-Djib.applicationCache=" + target.resolve("cache"));
        run(command);
    }

    private static void run(List<String> command) throws Exception {
        Path output = Files.createTempFile(temp, "output", "");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(Documents.ROOT.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();
        String said = command + ": " + Files.readString(output);
        assertThat(ended && process.exitValue() == 0).as(said).isTrue();
    }

    @Test
    void build_sameInputs_sameDigest() throws Exception {
        Path again = temp.resolve("again");
        maven(again, "process-resources", "jib:buildTar@autoscaler");

        assertThat(again.resolve("autoscaler.digest"))
                .hasSameTextualContentAs(images.resolve("autoscaler.digest"));
        assertThat(again.resolve("autoscaler.tar"))
                .hasSameBinaryContentAs(images.resolve("autoscaler.tar"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "node", "autoscaler"})
    void image_runsTheProcessAsItsPodDoes(String process) throws Exception {
        Path layout = Files.createTempDirectory(temp, process);
        run(
                List.of(
                        "tar",
                        "-xf",
                        images.resolve(process + ".tar").toString(),
                        "-C",
                        layout.toString()));
        JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
        JsonNode manifest = blob(layout, index.at("/manifests/0/digest"));
        JsonNode config = blob(layout, manifest.at("/config/digest")).get("config");
        Pods pods = Pods.ofBase(process);

        assertThat(index.at("/manifests/0/digest").asText())
                .isEqualTo(Files.readString(images.resolve(process + ".digest")).strip());
        assertThat(config.get("User").asText().split(":")[0]).isEqualTo(Long.toString(user(pods)));
        assertThat(config.get("ExposedPorts").fieldNames())
                .toIterable()
                .allSatisfy(
                        port ->
                                assertThat(pods.container().getPorts())
                                        .extracting(p -> p.getContainerPort() + "/tcp")
                                        .contains(port));
        assertThat(words(config.get("Entrypoint")))
                .startsWith("/usr/lib/jvm/jre/bin/java")
                .endsWith("-jar", "quarkus-run.jar");
        assertThat(config.get("WorkingDir").asText()).isEqualTo("/app");
        assertThat(files(layout, manifest))
                .contains("app/quarkus-run.jar", "app/quarkus/quarkus-application.dat")
                .anyMatch(f -> f.startsWith("app/lib/main/dev.hearth."))
                .noneMatch(f -> f.startsWith("app/libs/"));
    }

    private static JsonNode blob(Path layout, JsonNode digest) throws IOException {
        return JSON.readTree(path(layout, digest).toFile());
    }

    private static Path path(Path layout, JsonNode digest) {
        return layout.resolve("blobs").resolve(digest.asText().replace(':', '/'));
    }

    /** Whose the pod's process is; root where the manifest names nobody. */
    private static long user(Pods pods) {
        return Optional.ofNullable(pods.container().getSecurityContext())
                .map(SecurityContext::getRunAsUser)
                .or(
                        () ->
                                Optional.ofNullable(pods.template().getSpec().getSecurityContext())
                                        .map(s -> s.getRunAsUser()))
                .orElse(0L);
    }

    private static List<String> words(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
    }

    /** The files of all layers. */
    private static List<String> files(Path layout, JsonNode manifest) throws Exception {
        List<String> all = new ArrayList<>();
        for (JsonNode layer : manifest.get("layers")) {
            Path list = Files.createTempFile(temp, "list", "");
            Process tar =
                    new ProcessBuilder("tar", "-tzf", path(layout, layer.get("digest")).toString())
                            .redirectOutput(list.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            assertThat(tar.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
            all.addAll(Files.readAllLines(list));
        }
        return all;
    }
}
