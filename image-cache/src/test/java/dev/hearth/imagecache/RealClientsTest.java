package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ImageAdminPort.ImageView;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.DockerDaemon;
import dev.hearth.imagecache.fixture.FrontDoor;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.PushedImages;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.Digests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs as people have them push to the embedded registry and pull from it. */
@Tag("needs-tools")
class RealClientsTest {
    private static final String TOKEN = "the-token";
    private static final String USER = "hearth";

    @TempDir Path temp;
    private ImageCache cache;
    private FrontDoor door;
    private String host;
    private Layout layout;
    private final Layer first = Layer.gzip(new Tar().directory("bin").file("bin/hello", "hello"));
    private final Layer second = Layer.gzip(new Tar().file("more", "m".repeat(300_000)));

    @BeforeEach
    void setUp() throws Exception {
        cache =
                ImageCache.open(
                        CacheOptions.in(temp.resolve("data"))
                                .with(
                                        new EmbeddedRegistry.Settings(
                                                List.of("localhost:8080"), TOKEN, 1L << 30)),
                        Clock.system());
        door = new FrontDoor(cache.registry().orElseThrow());
        host = "localhost:" + door.port();
        layout = new Layout(temp.resolve("layout"));
        layout.image("one", first, second);
    }

    @AfterEach
    void tearDown() throws Exception {
        door.close();
        cache.close();
    }

    /** The image that a push to a repository left, ready to run without its blobs. */
    private StoredImage pushed(String repositoryAndTag) {
        String name = "localhost:8080/" + repositoryAndTag;
        ResolvedImage resolved = cache.resolve(name);
        List<ImageView> named =
                cache.images().images().stream()
                        .filter(i -> i.references().contains(name))
                        .toList();
        assertThat(named).hasSize(1);
        assertThat(named.getFirst().digest()).isEqualTo(resolved.digest());
        return cache.open(resolved.digest());
    }

    private static List<String> diffIds(StoredImage image) {
        return image.layers().stream().map(l -> l.getFileName().toString()).toList();
    }

    private List<String> ownDiffIds() {
        return List.of(first.diffId().hex(), second.diffId().hex());
    }

    private String run(Map<String, String> environment, List<String> program, String... more) {
        return Commands.run(
                environment,
                Stream.concat(program.stream(), Stream.of(more)).toArray(String[]::new));
    }

    // --- skopeo

    private void skopeo(String... arguments) {
        Commands.need("skopeo", "skopeo");
        run(Map.of(), List.of("skopeo", "copy", "--insecure-policy"), arguments);
    }

    private String[] toRegistry(String from, String repositoryAndTag, String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of("--dest-tls-verify=false", "--dest-creds=" + USER + ":" + TOKEN));
        all.addAll(List.of(options));
        all.add(from);
        all.add("docker://" + host + "/" + repositoryAndTag);
        return all.toArray(String[]::new);
    }

    private void fromRegistry(String repositoryAndTag, String to, String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of("--src-tls-verify=false", "--src-creds=" + USER + ":" + TOKEN));
        all.addAll(List.of(options));
        all.add("docker://" + host + "/" + repositoryAndTag);
        all.add(to);
        skopeo(all.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "v2s2"})
    void skopeo_layoutToRegistryAndBack_sameLayers(String format) {
        skopeo(toRegistry(layout.reference("one"), "team/app:v1", "--format=" + format));
        assertThat(diffIds(pushed("team/app:v1"))).isEqualTo(ownDiffIds());

        fromRegistry("team/app:v1", "dir:" + temp.resolve("dir"));
        for (Layer layer : List.of(first, second)) {
            assertThat(temp.resolve("dir").resolve(Digests.of(layer.blob()).hex()))
                    .hasBinaryContent(layer.blob());
        }
    }

    @Test
    void skopeo_withZstd_sameTreeAsWithGzip() {
        Layout plain = new Layout(temp.resolve("plain"));
        plain.image("one", Layer.plain(new Tar().file("f", "x".repeat(10_000))));
        skopeo(
                toRegistry(
                        plain.reference("one"),
                        "app:zstd",
                        "--dest-compress-format=zstd",
                        "--dest-compress"));
        skopeo(toRegistry(plain.reference("one"), "app:gzip"));

        fromRegistry("app:zstd", "dir:" + temp.resolve("dir"));
        assertThat(temp.resolve("dir/manifest.json")).content().contains("tar+zstd");
        assertThat(diffIds(pushed("app:zstd"))).isEqualTo(diffIds(pushed("app:gzip")));
    }

    @Test
    void skopeo_wholeIndex_bothWays() throws Exception {
        Layer foreign = Layer.gzip(new Tar().file("foreign", "f"));
        Digest one = layout.image("ours", first);
        Digest other = layout.image("other", PushedImages.foreignConfig(foreign), foreign);
        String index =
                PushedImages.index(
                        PushedImages.child(
                                one,
                                Files.size(layout.blobFile(one)),
                                Platform.host().architecture()),
                        PushedImages.child(
                                other, Files.size(layout.blobFile(other)), PushedImages.foreign()));
        layout.entry(
                "both",
                "application/vnd.oci.image.index.v1+json",
                layout.blob(index),
                PushedImages.length(index));

        skopeo(toRegistry(layout.reference("both"), "team/app:both", "--all"));
        fromRegistry("team/app:both", "dir:" + temp.resolve("dir"), "--all");

        assertThat(diffIds(pushed("team/app:both"))).containsExactly(first.diffId().hex());
        assertThat(temp.resolve("dir").resolve(other.hex() + ".manifest.json")).exists();
        assertThat(temp.resolve("dir/manifest.json")).content().isEqualTo(index);
    }

    @Test
    void skopeo_wrongToken_refused() {
        Commands.need("skopeo", "skopeo");
        assertThatThrownBy(
                        () ->
                                Commands.run(
                                        "skopeo",
                                        "copy",
                                        "--insecure-policy",
                                        "--dest-tls-verify=false",
                                        "--dest-creds=hearth:wrong",
                                        layout.reference("one"),
                                        "docker://" + host + "/app:v1"))
                .hasMessageContaining("unauthorized");
    }

    @Test
    void skopeo_inspectListDelete_asOnAnyRegistry() {
        skopeo(toRegistry(layout.reference("one"), "app:v1"));
        List<String> skopeo = List.of("skopeo");
        String tls = "--tls-verify=false";
        String creds = "--creds=" + USER + ":" + TOKEN;
        assertThat(run(Map.of(), skopeo, "list-tags", tls, creds, "docker://" + host + "/app"))
                .contains("v1");
        assertThat(run(Map.of(), skopeo, "inspect", tls, creds, "docker://" + host + "/app:v1"))
                .contains("\"Digest\": \"sha256:");
        run(Map.of(), skopeo, "delete", tls, creds, "docker://" + host + "/app:v1");
        assertThat(run(Map.of(), skopeo, "list-tags", tls, creds, "docker://" + host + "/app"))
                .doesNotContain("v1");
    }

    // --- podman and buildah

    private List<String> containers(String program) {
        return List.of(
                program,
                "--root=" + temp.resolve("storage"),
                "--runroot=" + temp.resolve("run"),
                "--storage-driver=vfs");
    }

    @Test
    void podman_logInPushRemovePull_sameImage() {
        Commands.need("podman", "podman");
        List<String> podman = new ArrayList<>(containers("podman"));
        podman.add("--cgroup-manager=cgroupfs");
        Map<String, String> logIns =
                Map.of("REGISTRY_AUTH_FILE", temp.resolve("auth.json").toString());
        String name = host + "/team/app:v1";
        run(logIns, podman, "login", "--tls-verify=false", "-u", USER, "-p", TOKEN, host);
        run(logIns, podman, "pull", "-q", layout.reference("one"));
        String id = run(logIns, podman, "images", "-q", "--no-trunc").strip();
        run(logIns, podman, "tag", id, name);
        run(logIns, podman, "push", "--tls-verify=false", name);
        assertThat(diffIds(pushed("team/app:v1"))).isEqualTo(ownDiffIds());

        run(logIns, podman, "rmi", "-f", id);
        run(logIns, podman, "pull", "--tls-verify=false", name);
        assertThat(run(logIns, podman, "images", "-q", "--no-trunc").strip()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "docker"})
    void buildah_buildAndPush_configurationAndFiles(String format) throws Exception {
        Commands.need("buildah", "buildah");
        Path context = Files.createDirectories(temp.resolve("context"));
        Files.writeString(context.resolve("hello"), "built");
        Files.writeString(
                context.resolve("Containerfile"),
                "FROM scratch\nCOPY hello /hello\nCOPY hello /again\nENTRYPOINT [\"/hello\"]\n");
        Map<String, String> chroot = Map.of("BUILDAH_ISOLATION", "chroot");
        run(
                chroot,
                containers("buildah"),
                "build",
                "--layers",
                "--format=" + format,
                "-t",
                "hello",
                context.toString());
        for (int i = 1; i <= 2; i++) { // the second time all blobs are there
            run(
                    chroot,
                    containers("buildah"),
                    "push",
                    "--tls-verify=false",
                    "--format=" + format,
                    "--creds=" + USER + ":" + TOKEN,
                    "hello",
                    "docker://" + host + "/built:" + i);
            StoredImage image = pushed("built:" + i);
            assertThat(image.config().entrypoint()).containsExactly("/hello");
            assertThat(image.layers())
                    .anySatisfy(layer -> assertThat(layer.resolve("hello")).hasContent("built"));
        }
    }

    // --- docker

    @Test
    void docker_logInPushPull_sameImage() throws Exception {
        try (DockerDaemon daemon = new DockerDaemon(temp.resolve("docker"))) {
            Path tar = Files.write(temp.resolve("root.tar"), new Tar().file("f", "x").bytes());
            String name = host + "/team/app:v1";
            String id = daemon.docker("import", "--change=CMD [\"/f\"]", tar.toString(), name);
            daemon.docker("login", "-u", USER, "-p", TOKEN, host);
            daemon.docker("push", name);
            StoredImage image = pushed("team/app:v1");
            assertThat(image.config().cmd()).containsExactly("/f");
            assertThat(image.layers().getFirst().resolve("f")).hasContent("x");

            // another repository: its layers are mounted
            daemon.docker("tag", name, host + "/other/app:v1");
            assertThat(daemon.docker("push", host + "/other/app:v1"))
                    .containsAnyOf("Mounted from team/app", "Layer already exists");
            assertThat(diffIds(pushed("other/app:v1"))).isEqualTo(diffIds(image));

            daemon.docker("rmi", "-f", id.strip());
            daemon.docker("pull", name);
            assertThat(daemon.docker("images", "-q", "--no-trunc", name)).isEqualTo(id);
        }
        assertThat(temp.resolve("docker")).doesNotExist();
    }

    // --- jib

    @ParameterizedTest
    @EnumSource(ImageFormat.class)
    void jib_containerize_runsAsItSays(ImageFormat format) throws Exception {
        Path file = Files.writeString(temp.resolve("app.jar"), "java");
        System.setProperty("sendCredentialsOverHttp", "true");
        try {
            for (String tag : List.of("v1", "v2")) {
                Jib.fromScratch()
                        .setFormat(format)
                        .addLayer(List.of(file), AbsoluteUnixPath.get("/app"))
                        .setEntrypoint("java", "-jar", "/app/app.jar")
                        .containerize(
                                Containerizer.to(
                                                RegistryImage.named(host + "/team/jib:" + tag)
                                                        .addCredential(USER, TOKEN))
                                        .setApplicationLayersCache(temp.resolve("jib-app"))
                                        .setBaseImageLayersCache(temp.resolve("jib-base"))
                                        .setAllowInsecureRegistries(true));
            }
        } finally {
            System.clearProperty("sendCredentialsOverHttp");
        }

        ResolvedImage both = cache.resolve("localhost:8080/team/jib:v1");
        assertThat(cache.resolve("localhost:8080/team/jib:v2").digest()).isEqualTo(both.digest());
        StoredImage image = cache.open(both.digest());
        assertThat(image.config().entrypoint()).containsExactly("java", "-jar", "/app/app.jar");
        assertThat(image.layers().getFirst().resolve("app/app.jar")).hasContent("java");
    }
}
