package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mirrors that help, fail, lie and spy. */
@Timeout(30)
class MirrorTest {
    private static final byte[] CONTENT = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] LIE = "{\"schemaVersion\":3}".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digests.of(CONTENT);
    private static final byte[] LARGE = large();

    @TempDir Path temp;
    private final RegistryHttp http = TestRegistry.http();
    private TestRegistry registry;
    private TestRegistry mirror;

    @BeforeEach
    void setUp() throws IOException {
        registry = new TestRegistry();
        mirror = new TestRegistry();
        registry.answer("/v2/", 200, CONTENT);
    }

    @AfterEach
    void tearDown() {
        registry.close();
        mirror.close();
        http.close();
    }

    @Test
    void find_mirrorHasTheTag_registryNotAsked() {
        mirror.answer("/v2/hub/team/app/manifests/1", 200, LIE);

        // What a tag means a mirror may say.
        assertThat(find("/hub")).isEqualTo(Digests.of(LIE));
        assertThat(registry.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 429, 500, 503})
    void find_mirrorAnswersWithFailure_registryAskedAtOnce(int status) {
        mirror.answer("/v2/", status, new byte[0]);

        RegistrySource source = source(mirrors(""));
        assertThat(source.find(Platform.host()).digest()).isEqualTo(DIGEST);
        assertThat(source.document(Digests.of(LIE))).isEqualTo(CONTENT);
        // After one failure it is out for the whole pull.
        assertThat(mirror.seen).hasSize(1);
    }

    @Test
    void blob_mirrorFailsForSeveralAtOnce_toldOnce() {
        mirror.answer("/v2/", 500, new byte[0]);
        registry.answer("/v2/", 200, CONTENT);
        List<LogRecord> told = new CopyOnWriteArrayList<>();
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord line) {
                        told.add(line);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        Logger log = Logger.getLogger(Places.class.getName());
        log.addHandler(handler);
        try {
            RegistrySource source = source(mirrors(""));
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(CompletableFuture.runAsync(() -> source.document(DIGEST)));
            }
            all.forEach(CompletableFuture::join);
        } finally {
            log.removeHandler(handler);
        }
        assertThat(told).hasSize(1);
    }

    @Test
    void find_nobodyAtTheMirrorsAddress_registryAsked() {
        mirror.close();

        assertThat(find("")).isEqualTo(DIGEST);
    }

    @Test
    void find_firstMirrorFails_secondAsked() throws IOException {
        mirror.answer("/v2/", 500, new byte[0]);
        try (TestRegistry second = new TestRegistry()) {
            second.answer("/v2/", 200, CONTENT);
            Mirrors both =
                    Mirrors.parse(
                            List.of(
                                    registry.host() + "=http://" + mirror.host(),
                                    registry.host() + "=http://" + second.host() + "/"));

            assertThat(source(both).find(Platform.host()).digest()).isEqualTo(DIGEST);
            assertThat(second.seen("GET /v2/team/app/manifests/1")).hasSize(1);
        }
        assertThat(registry.seen).isEmpty();
    }

    @Test
    void find_registryFailsToo_itsFailureTold() {
        mirror.answer("/v2/", 500, new byte[0]);
        registry.answer("/v2/", 404, new byte[0]);

        assertThatThrownBy(() -> find(""))
                .hasMessageContaining(registry.host())
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("image-not-found");
    }

    @Test
    void find_mirrorLiesAboutADigest_registryAsked() {
        mirror.answer("/v2/", 200, LIE);
        RegistrySource source =
                TestRegistry.source(
                        registry.host() + "/team/app@" + DIGEST,
                        http,
                        TestRegistry.options(mirrors("")));

        assertThat(source.find(Platform.host()).digest()).isEqualTo(DIGEST);
        assertThat(source.document(DIGEST)).isEqualTo(CONTENT);
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void document_mirrorLies_registryAsked() {
        mirror.answer("/v2/", 200, LIE);

        assertThat(source(mirrors("")).document(DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void blob_mirrorLiesAboutASmallOne_registrysReturned() throws IOException {
        mirror.answer("/v2/", 200, LIE);

        try (InputStream in = source(mirrors("")).blob(descriptor(CONTENT))) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
    }

    @Test
    void blob_mirrorLiesAboutALargeOne_registrysOnceDistrusted() throws IOException {
        byte[] lie = LARGE.clone();
        lie[lie.length - 1]++;
        mirror.answer("/v2/", 200, lie);
        registry.answer("/v2/", 200, LARGE);
        RegistrySource source = source(mirrors(""));
        Descriptor descriptor = descriptor(LARGE);
        try (InputStream in = source.blob(descriptor)) {
            assertThat(Arrays.equals(in.readAllBytes(), lie)).isTrue();
        }

        assertThat(source.distrust(descriptor)).isTrue();

        try (InputStream in = source.blob(descriptor)) {
            assertThat(Arrays.equals(in.readAllBytes(), LARGE)).isTrue();
        }
        assertThat(source.distrust(descriptor)).isFalse();
    }

    @Test
    void pull_mirrorLiesAboutALayer_refusedThenTakenFromTheRegistry() throws IOException {
        Layout layout = new Layout(temp.resolve("layout"));
        Layer layer =
                Layer.plain(new Tar().file("large", Base64.getEncoder().encodeToString(LARGE)));
        Digest manifest = layout.image("1", layer);
        for (TestRegistry server : List.of(registry, mirror)) {
            server.answer(
                    "/v2/",
                    e -> {
                        String path = e.getRequestURI().getPath();
                        String name = path.substring(path.lastIndexOf('/') + 1);
                        Digest digest = name.equals("1") ? manifest : new Digest(name);
                        byte[] blob = Files.readAllBytes(layout.blobFile(digest));
                        if (server == mirror && digest.equals(layer.diffId())) {
                            blob[blob.length / 2]++;
                        }
                        if (digest.equals(manifest)) {
                            e.getResponseHeaders().add("Content-Type", MediaTypes.OCI_MANIFEST);
                        }
                        TestRegistry.respond(e, 200, blob);
                    });
        }
        CacheOptions options =
                CacheOptions.in(temp.resolve("data")).with(TestRegistry.options(mirrors("")));
        try (ImageCache cache = ImageCache.open(options, Clock.system())) {
            var image = cache.resolve(registry.host() + "/team/app:1");
            cache.prefetch(image);

            assertThat(cache.open(image.digest()).layers().getFirst().resolve("large"))
                    .hasContent(Base64.getEncoder().encodeToString(LARGE));
        }
        assertThat(mirror.seen("GET /v2/team/app/blobs/" + layer.diffId())).hasSize(1);
        assertThat(registry.seen)
                .containsExactly("GET /v2/team/app/blobs/" + layer.diffId() + " null");
    }

    @Test
    void blob_mirrorBreaksOffForGood_restFromTheRegistry() throws IOException {
        mirror.answer("/v2/", new FlakyBlob(LARGE, 5_000_000, 0, 0, 0, 0, 0, 0, 0));
        FlakyBlob rest = new FlakyBlob(LARGE);
        registry.answer("/v2/", rest);

        try (InputStream in = source(mirrors("")).blob(descriptor(LARGE))) {
            assertThat(Arrays.equals(in.readAllBytes(), LARGE)).isTrue();
        }
        assertThat(rest.ranges).containsExactly("bytes=5000000- null");
    }

    @Test
    void find_logInForTheRegistry_mirrorDoesNotSeeIt() throws IOException {
        logIn(registry.host());
        mirror.answer("/v2/", e -> TestRegistry.challenge(e, "Basic realm=\"give it to me\""));
        protectedByBasic(registry);

        assertThat(find("")).isEqualTo(DIGEST);
        assertThat(mirror.seen).isNotEmpty().allMatch(line -> line.endsWith(" null"));
    }

    @Test
    void find_logInForTheMirror_shownThereOnly() throws IOException {
        logIn(mirror.host() + "/hub");
        protectedByBasic(mirror);

        assertThat(find("/hub")).isEqualTo(DIGEST);
        assertThat(mirror.seen.getLast()).contains(" Basic ");
        assertThat(registry.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "docker.io",
                "=https://m.example",
                "docker.io=m.example",
                "docker.io=ftp://m.example",
                "docker.io=https://user:secret@m.example",
                "docker.io=https://m.example/?x",
                "docker.io=https://m.example/#x",
                "docker.io=https://m.example/Upper",
                "docker.io=https://m example",
                "docker.io=https://",
                "docker.io/library=https://m.example"
            })
    void parse_noMirror_invalidConfig(String line) {
        assertThatThrownBy(() -> Mirrors.parse(List.of(line)))
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("invalid-config");
    }

    @Test
    void of_dockerHubByAnyName_sameMirror() {
        for (String host : List.of("docker.io", "index.docker.io", "registry-1.docker.io")) {
            Mirrors mirrors = Mirrors.parse(List.of(host + "=https://m.example:8443/hub/"));
            Endpoint endpoint = mirrors.of(TestRegistry.image("docker.io/nginx")).getFirst();
            assertThat(endpoint.uri("manifests/1"))
                    .hasToString("https://m.example:8443/v2/hub/library/nginx/manifests/1");
        }
    }

    private Digest find(String path) {
        return source(mirrors(path)).find(Platform.host()).digest();
    }

    private Mirrors mirrors(String path) {
        return Mirrors.parse(List.of(registry.host() + "=http://" + mirror.host() + path));
    }

    private RegistrySource source(Mirrors mirrors) {
        return TestRegistry.source(
                registry.host() + "/team/app:1",
                http,
                TestRegistry.options(mirrors, new DockerCredentials(temp.resolve("log-ins"))));
    }

    private void logIn(String key) throws IOException {
        Files.writeString(
                temp.resolve("log-ins"),
                "{\"auths\":{\"" + key + "\":{\"username\":\"me\",\"password\":\"secret\"}}}");
    }

    private static void protectedByBasic(TestRegistry server) {
        String wanted = new Login.Password("me", "secret").basic();
        server.answer(
                "/v2/",
                e -> {
                    if (wanted.equals(TestRegistry.authorization(e))) {
                        TestRegistry.respond(e, 200, CONTENT);
                    } else {
                        TestRegistry.challenge(e, "Basic realm=\"x\"");
                    }
                });
    }

    private static Descriptor descriptor(byte[] content) {
        return new Descriptor(MediaTypes.OCI_LAYER, Digests.of(content), content.length);
    }

    /** Larger than what is looked at before it is used. */
    private static byte[] large() {
        byte[] content = new byte[6_000_000];
        new Random(1).nextBytes(content);
        return content;
    }
}
