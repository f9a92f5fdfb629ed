package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registries that would have the platform call what only it can reach, or answer without end (cases
 * 36, 37 and 37b of the list of hostile images). The registry's address is written in a way that
 * makes it loopback by its number and not by its name, as a hostile name server would.
 */
@Timeout(30)
class HostileRegistryTest {
    private static final byte[] CONTENT = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);

    @TempDir Path temp;
    private final RegistryHttp http = TestRegistry.http();
    private TestRegistry registry;
    private TestRegistry inside;

    @BeforeEach
    void setUp() throws IOException {
        registry = new TestRegistry();
        inside = new TestRegistry();
        inside.answer("/", 200, CONTENT);
    }

    @AfterEach
    void tearDown() {
        registry.close();
        inside.close();
        http.close();
    }

    @Test
    void find_nameThatMeansLoopback_notCalled() {
        registry.answer("/", 200, CONTENT);

        refused(disguised(registry), new RegistryPolicy(Set.of()), "is this machine's own");
        assertThat(registry.seen).isEmpty();
    }

    @Test
    void find_redirectToLoopback_notCalled() {
        for (String host :
                List.of(inside.host(), "localhost:" + inside.port(), disguised(inside))) {
            registry.answer("/", e -> TestRegistry.redirect(e, "http://" + host + "/secret"));

            refused(disguised(registry), listed(), "is this machine's own");
        }
        assertThat(inside.seen).isEmpty();
    }

    @Test
    void find_realmOnLoopback_notCalled() {
        registry.answer(
                "/",
                e -> TestRegistry.challenge(e, "Bearer realm=\"http://" + inside.host() + "/t\""));

        refused(disguised(registry), listed(), "is this machine's own");
        assertThat(inside.seen).isEmpty();
    }

    @Test
    void find_platformsOwnPort_notCalledWhicheverWay() {
        RegistryPolicy policy =
                new RegistryPolicy(Set.of("localhost", "127.0.0.1"), Set.of(inside.port()));

        refused(inside.host(), policy, "is this machine's own");
        registry.answer("/", e -> TestRegistry.redirect(e, "http://" + inside.host() + "/"));
        refused(registry.host(), policy, "is this machine's own");
        registry.answer(
                "/",
                e -> TestRegistry.challenge(e, "Bearer realm=\"http://" + inside.host() + "/t\""));
        refused(registry.host(), policy, "is this machine's own");

        assertThat(inside.seen).isEmpty();
    }

    @Test
    void find_headersWithoutEnd_unavailableAndConnectionsClosed() throws Exception {
        byte[] header = ("X-More: " + "x".repeat(1000) + "\r\n").getBytes(StandardCharsets.UTF_8);
        try (RawServer raw =
                new RawServer(
                        out -> {
                            RawServer.text("HTTP/1.1 200 OK\r\n").to(out);
                            while (true) {
                                out.write(header);
                            }
                        })) {
            refused(raw.host(), new RegistryPolicy(Set.of()), "does not deliver");
            Eventually.until(() -> raw.hangUps.get() == 3);
        }
    }

    @Test
    void find_garbageForAnAnswer_unavailable() throws IOException {
        for (String answer : List.of("", "HTTP/1.1 200", "\0\0\0\0", "HTTP/1.1 999999 x\r\n\r\n")) {
            try (RawServer raw = new RawServer(RawServer.text(answer))) {
                refused(raw.host(), new RegistryPolicy(Set.of()), "does not deliver");
            }
        }
    }

    @Test
    void find_moreBytesThanAnnounced_restNotRead() throws IOException {
        String body = new String(CONTENT, StandardCharsets.UTF_8);
        try (RawServer raw =
                new RawServer(
                        RawServer.text(
                                "HTTP/1.1 200 OK\r\nContent-Length: "
                                        + CONTENT.length
                                        + "\r\n\r\n"
                                        + body
                                        + body))) {
            assertThat(
                            source(raw.host(), new RegistryPolicy(Set.of()))
                                    .find(Platform.host())
                                    .digest())
                    .isEqualTo(Digests.of(CONTENT));
        }
    }

    @Test
    void find_otherDigestThanTheRegistrySays_wrongDigest() {
        registry.answer(
                "/",
                e -> {
                    e.getResponseHeaders().add("Docker-Content-Digest", "sha256:" + "0".repeat(64));
                    TestRegistry.respond(e, 200, CONTENT);
                });

        assertThatThrownBy(
                        () ->
                                source(registry.host(), new RegistryPolicy(Set.of()))
                                        .find(Platform.host()))
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("wrong-digest");
    }

    @Test
    void pull_layerLongerThanItsManifestSays_wrongDigest() {
        Layer layer = Layer.plain(new Tar().file("f", "x"));
        Layout layout = new Layout(temp.resolve("layout"));
        layout.image("1", layer);
        registry.answer(
                "/",
                e -> {
                    byte[] blob = blob(layout, e.getRequestURI().getPath());
                    if (!e.getRequestURI().getPath().endsWith(layer.diffId().value())) {
                        TestRegistry.respond(e, 200, blob);
                        return;
                    }
                    e.sendResponseHeaders(200, 0);
                    e.getResponseBody().write(blob);
                    while (!registry.isOver()) {
                        e.getResponseBody().write(new byte[1 << 16]);
                    }
                });

        assertThatThrownBy(this::pull)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("wrong-digest");
    }

    @Test
    void pull_layerNamesOtherPlaces_takenFromTheRegistry() {
        Layer layer = Layer.plain(new Tar().file("f", "x"));
        Layout layout = new Layout(temp.resolve("layout"));
        String config = Layout.config(layer);
        String descriptor =
                Layout.descriptor(
                        MediaTypes.OCI_LAYER, layout.blob(layer.blob()), layer.blob().length);
        layout.manifest(
                "1",
                """
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
                """
                        .formatted(
                                MediaTypes.OCI_MANIFEST,
                                Layout.descriptor(
                                        MediaTypes.OCI_CONFIG,
                                        layout.blob(config),
                                        config.length()),
                                descriptor.substring(0, descriptor.length() - 1)
                                        + ",\"urls\":[\"http://"
                                        + inside.host()
                                        + "/layer\",\"file:///etc/passwd\"]}"));
        registry.answer(
                "/", e -> TestRegistry.respond(e, 200, blob(layout, e.getRequestURI().getPath())));

        pull();

        assertThat(registry.seen("GET /v2/team/app/blobs/" + layer.diffId())).hasSize(1);
        assertThat(inside.seen).isEmpty();
    }

    private void pull() {
        CacheOptions options =
                CacheOptions.in(temp.resolve("data")).with(TestRegistry.options(Mirrors.NONE));
        try (ImageCache cache = ImageCache.open(options, Clock.system())) {
            cache.prefetch(cache.resolve(registry.host() + "/team/app:1"));
        }
    }

    /** The blob, or the manifest of tag 1. */
    private static byte[] blob(Layout layout, String path) throws IOException {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (name.equals("1")) {
            String index = Files.readString(layout.directory().resolve("index.json"));
            name = index.replaceAll("(?s).*\"digest\":\"([^\"]*)\".*", "$1");
        }
        return Files.readAllBytes(
                layout.directory().resolve("blobs").resolve(name.replace(':', '/')));
    }

    private RegistryPolicy listed() {
        return new RegistryPolicy(Set.of(disguised(registry)));
    }

    private static String disguised(TestRegistry server) {
        return "[::ffff:7f00:1]:" + server.port();
    }

    private void refused(String host, RegistryPolicy policy, String why) {
        assertThatThrownBy(() -> source(host, policy).find(Platform.host()))
                .hasMessageContaining(why)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("registry-unavailable");
    }

    private RegistrySource source(String host, RegistryPolicy policy) {
        return TestRegistry.source(
                host + "/team/app:1",
                http,
                new RegistryOptions(
                        policy,
                        new DockerCredentials(temp.resolve("none")),
                        Mirrors.NONE,
                        Optional.empty()));
    }
}
