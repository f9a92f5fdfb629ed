package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.DebianRegistry;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.registry.CredentialHelpers;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.LogInFile;
import dev.hearth.imagecache.registry.Mirrors;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistryPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that other people's tools made and pushed to a registry that is not ours. */
@Tag("needs-tools")
class RealRegistryTest {
    @TempDir Path temp;
    private Layout layout;

    @BeforeEach
    void setUp() {
        Commands.need("skopeo", "skopeo");
        layout = new Layout(temp.resolve("layout"));
        layout.image(
                "one",
                Layer.gzip(new Tar().directory("bin").file("bin/hello", "hello")),
                Layer.plain(new Tar().file("etc/.wh.gone", "")),
                Layer.zstd(new Tar().file("zstd", "z")));
    }

    @Test
    void pull_pushedBySkopeo_sameFilesAsFromLayout() throws Exception {
        try (DebianRegistry registry = new DebianRegistry(temp.resolve("registry"), "");
                ImageCache cache = open()) {
            push(registry, "app:1", "oci");

            StoredImage fromRegistry = pull(cache, registry.host() + "/app:1");
            StoredImage fromLayout = pull(cache, layout.reference("one"));

            assertThat(fromRegistry.layers()).isEqualTo(fromLayout.layers());
            assertThat(fromRegistry.layers().getFirst().resolve("bin/hello")).hasContent("hello");
        }
    }

    @Test
    void pull_dockerSchema2_sameLayers() throws Exception {
        Layout plain = new Layout(temp.resolve("docker-layout"));
        Layer layer = Layer.gzip(new Tar().file("f", "x"));
        plain.image("one", layer);
        try (DebianRegistry registry = new DebianRegistry(temp.resolve("registry"), "");
                ImageCache cache = open()) {
            Commands.run(
                    "skopeo",
                    "copy",
                    "--insecure-policy",
                    "--dest-tls-verify=false",
                    "--format=v2s2",
                    plain.reference("one"),
                    "docker://" + registry.host() + "/team/app:2");

            StoredImage image = pull(cache, registry.host() + "/team/app:2");

            assertThat(image.layers())
                    .extracting(l -> l.getFileName().toString())
                    .containsExactly(layer.diffId().hex());
        }
    }

    @Test
    void pull_builtByBuildah_runnableTree() throws Exception {
        Commands.need("buildah", "buildah");
        Path context = Files.createDirectories(temp.resolve("context"));
        Files.writeString(context.resolve("hello"), "#!/bin/sh\n");
        Files.writeString(
                context.resolve("Containerfile"),
                """
                FROM scratch
                COPY --chown=12:34 --chmod=755 hello /app/hello
                COPY hello /second
                ENV A=b
                USER 12
                WORKDIR /app
                EXPOSE 8080
                LABEL who=me
                ENTRYPOINT ["/app/hello"]
                CMD ["x"]
                """);
        String[] buildah = {
            "buildah",
            "--storage-driver=vfs",
            "--root=" + temp.resolve("buildah"),
            "--runroot=" + temp.resolve("buildah-run")
        };
        Map<String, String> chroot = Map.of("BUILDAH_ISOLATION", "chroot");
        try (DebianRegistry registry = new DebianRegistry(temp.resolve("registry"), "");
                ImageCache cache = open()) {
            Commands.run(
                    chroot, with(buildah, "bud", "--layers", "-t", "hello", context.toString()));
            Commands.run(
                    chroot,
                    with(
                            buildah,
                            "push",
                            "--tls-verify=false",
                            "hello",
                            "docker://" + registry.host() + "/hello:b"));

            StoredImage image = pull(cache, registry.host() + "/hello:b");

            ImageConfig config = image.config();
            assertThat(config.entrypoint()).containsExactly("/app/hello");
            assertThat(config.cmd()).containsExactly("x");
            assertThat(config.env()).contains("A=b");
            assertThat(config.user()).isEqualTo("12");
            assertThat(config.workingDir()).isEqualTo("/app");
            assertThat(config.exposedPorts()).containsExactly("8080/tcp");
            assertThat(config.labels()).containsEntry("who", "me");
            Path hello =
                    image.layers().stream()
                            .map(l -> l.resolve("app/hello"))
                            .filter(Files::exists)
                            .findFirst()
                            .orElseThrow();
            assertThat(Files.getAttribute(hello, "unix:uid")).isEqualTo(12);
            assertThat(Files.getAttribute(hello, "unix:gid")).isEqualTo(34);
            assertThat(Files.getAttribute(hello, "unix:mode")).isEqualTo(0100755);
        }
    }

    @Test
    void resolve_unknownImageOrRegistry_clearReason() throws Exception {
        String gone;
        try (DebianRegistry registry = new DebianRegistry(temp.resolve("registry"), "");
                ImageCache cache = open()) {
            gone = registry.host();
            assertReason(cache, registry.host() + "/none:1", "image-not-found");
            push(registry, "app:1", "oci");
            assertReason(cache, registry.host() + "/app:2", "image-not-found");
            assertReason(
                    cache, registry.host() + "/app@sha256:" + "0".repeat(64), "image-not-found");
        }
        try (ImageCache cache = open()) {
            assertReason(cache, gone + "/app:1", "registry-unavailable");
        }
    }

    @Test
    void pull_privateRegistry_onlyWithLogIn() throws Exception {
        Path passwords =
                Files.writeString(
                        temp.resolve("htpasswd"),
                        // htpasswd -nbB someone secret
                        Commands.run(
                                "python3",
                                "-c",
                                "import crypt; print('someone:' + crypt.crypt('secret',"
                                        + " crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))"));
        String auth = "auth: {htpasswd: {realm: test, path: " + passwords + "}}";
        try (DebianRegistry registry = new DebianRegistry(temp.resolve("registry"), auth)) {
            Commands.run(
                    "skopeo",
                    "copy",
                    "--insecure-policy",
                    "--dest-tls-verify=false",
                    "--dest-creds=someone:secret",
                    layout.reference("one"),
                    "docker://" + registry.host() + "/app:1");
            try (ImageCache cache = open()) {
                assertReason(cache, registry.host() + "/app:1", "image-not-found");
            }
            String encoded =
                    Base64.getEncoder()
                            .encodeToString("someone:secret".getBytes(StandardCharsets.UTF_8));
            Path logIns =
                    Files.writeString(
                            temp.resolve("config.json"),
                            "{\"auths\":{\""
                                    + registry.host()
                                    + "\":{\"auth\":\""
                                    + encoded
                                    + "\"}}}");
            try (ImageCache cache = open(new DockerCredentials(logIns))) {
                assertThat(pull(cache, registry.host() + "/app:1").layers()).hasSize(3);
            }
            ProjectName acme = new ProjectName("acme");
            for (DockerCredentials users :
                    List.of(new DockerCredentials(logIns), byHelper(registry.host()))) {
                try (ImageCache cache = open(users)) {
                    assertThat(cache.resolve(registry.host() + "/app:1").digest()).isNotNull();
                    assertThatThrownBy(() -> cache.resolve(acme, registry.host() + "/app:1"))
                            .isInstanceOfSatisfying(
                                    HearthException.class,
                                    e -> assertThat(e.reason()).isEqualTo("image-not-found"));
                }
            }
            Path its = Files.createDirectories(temp.resolve("data/projects/acme"));
            Files.setPosixFilePermissions(
                    Files.copy(logIns, its.resolve("registries.json")),
                    PosixFilePermissions.fromString("rw-------"));
            try (ImageCache cache = open()) {
                assertThat(cache.resolve(acme, registry.host() + "/app:1").digest()).isNotNull();
                assertReason(cache, registry.host() + "/app:1", "image-not-found");
            }
        }
    }

    /** A file that names a helper, and that helper. */
    private DockerCredentials byHelper(String host) throws IOException {
        Path file =
                Files.writeString(
                        temp.resolve("helped.json"),
                        "{\"credHelpers\":{\"" + host + "\":\"test\"}}");
        Path helper =
                Files.writeString(
                        temp.resolve("docker-credential-test"),
                        """
                        #!/bin/sh
                        read server
                        [ "$server" = %s ] || exit 1
                        echo '{"Username":"someone","Secret":"secret"}'
                        """
                                .formatted(host));
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        return new DockerCredentials(
                List.of(new LogInFile(file, false)), new CredentialHelpers(List.of(temp)));
    }

    @Test
    void pull_mirrorBelowAPath_imageOfARegistryThatIsAway() throws Exception {
        try (DebianRegistry mirror = new DebianRegistry(temp.resolve("registry"), "")) {
            push(mirror, "hub/library/app:1", "oci");
            RegistryOptions options =
                    new RegistryOptions(
                            new RegistryPolicy(Set.of()),
                            new DockerCredentials(temp.resolve("no-log-ins")),
                            Mirrors.parse(List.of("docker.io=http://" + mirror.host() + "/hub")),
                            Optional.empty());
            try (ImageCache cache =
                    ImageCache.open(
                            CacheOptions.in(temp.resolve("data")).with(options), Clock.system())) {
                ResolvedImage image = cache.resolve("docker.io/app:1");
                assertThat(image.reference()).isEqualTo("docker.io/library/app:1");
                cache.prefetch(image);
                assertThat(cache.open(image.digest()).layers()).hasSize(3);
            }
        }
    }

    @Test
    void pull_archivesBySkopeo_sameLayersAsLayout() {
        Layout plain = new Layout(temp.resolve("plain"));
        plain.image(
                "one", Layer.gzip(new Tar().file("f", "x")), Layer.gzip(new Tar().file("g", "y")));
        Path oci = temp.resolve("oci.tar");
        Path docker = temp.resolve("docker.tar");
        copy(plain.reference("one"), "oci-archive:" + oci + ":tag");
        copy(plain.reference("one"), "docker-archive:" + docker + ":team/app:3");
        try (ImageCache cache = open()) {
            StoredImage expected = pull(cache, plain.reference("one"));

            assertThat(pull(cache, "oci-archive:" + oci + ":tag").layers())
                    .isEqualTo(expected.layers());
            assertThat(pull(cache, "oci-archive:" + oci).digest()).isEqualTo(expected.digest());
            assertThat(pull(cache, "docker-archive:" + docker).layers())
                    .isEqualTo(expected.layers());
            assertThat(pull(cache, "docker-archive:" + docker + ":3").layers())
                    .isEqualTo(expected.layers());
            assertThat(pull(cache, "docker-archive:" + docker + ":team/app:3").digest())
                    .isEqualTo(pull(cache, "docker-archive:" + docker).digest());
            assertReason(cache, "docker-archive:" + docker + ":4", "image-not-found");
            assertReason(cache, "docker-archive:" + oci, "image-not-found");
            assertReason(cache, "oci-archive:" + docker, "image-not-found");
            assertReason(cache, "oci-archive:" + temp.resolve("none.tar"), "image-not-found");
        }
    }

    private static void copy(String from, String to) {
        Commands.run("skopeo", "copy", "--insecure-policy", from, to);
    }

    private void push(DebianRegistry registry, String name, String format) {
        Commands.run(
                "skopeo",
                "copy",
                "--insecure-policy",
                "--dest-tls-verify=false",
                "--format=" + format,
                layout.reference("one"),
                "docker://" + registry.host() + "/" + name);
    }

    private static void assertReason(ImageCache cache, String reference, String reason) {
        assertThatThrownBy(() -> cache.resolve(reference))
                .isInstanceOf(HearthException.class)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo(reason);
    }

    private ImageCache open() {
        return open(new DockerCredentials(temp.resolve("no-log-ins")));
    }

    private ImageCache open(DockerCredentials logIns) {
        return ImageCache.open(
                CacheOptions.in(temp.resolve("data"))
                        .with(new RegistryOptions(new RegistryPolicy(Set.of()), logIns)),
                Clock.system());
    }

    private static StoredImage pull(ImageCache cache, String reference) {
        ResolvedImage image = cache.resolve(reference);
        cache.prefetch(image);
        return cache.open(image.digest());
    }

    private static String[] with(String[] program, String... arguments) {
        return Stream.concat(Stream.of(program), Stream.of(arguments)).toArray(String[]::new);
    }
}
