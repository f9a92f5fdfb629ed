package dev.hearth.imagecache.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.CacheLimits;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.unpack.UnpackLimits;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images and archives of SECURITY.md, "Hostile images", that come by push instead of by pull. */
class HostileManifestTest {
    private static final Layer SOUND = Layer.gzip(new Tar().file("f", "x"));

    @TempDir Path temp;
    private Path data;
    private ImageCache cache;
    private Caller caller;

    @BeforeEach
    void setUp() {
        data = temp.resolve("data");
        CacheLimits limits =
                new CacheLimits(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        2,
                        new UnpackLimits(1000, DataSize.mebibytes(1)));
        cache =
                ImageCache.open(
                        CacheOptions.in(data).with(limits).with(Caller.settings(16 << 20)),
                        Clock.system());
        caller = new Caller(cache.registry().orElseThrow(), "team/app");
    }

    @AfterEach
    void tearDown() {
        caller.close();
        cache.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.hearth.imagecache.HostileLayerTest#refusedLayers")
    void push_hostileLayer_refusedAndNeitherTagNorManifestKept(
            String name, Layer layer, String message) {
        byte[] manifest = pushParts(layer);

        HttpResponse<String> answer = caller.manifest("latest", manifest);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("MANIFEST_INVALID");
        assertNothingKept(manifest);
    }

    @Test
    void push_hostileManifestByEightAtOnce_nothingKept() throws Exception {
        byte[] manifest = pushParts(Layer.gzip(new Tar().file("../outside", "x")));
        for (int round = 0; round < 10; round++) {
            try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
                List<Callable<Integer>> pushes =
                        IntStream.range(0, 8)
                                .<Callable<Integer>>mapToObj(
                                        i -> () -> caller.manifest("t" + i, manifest).statusCode())
                                .toList();
                for (Future<Integer> one : threads.invokeAll(pushes)) {
                    assertThat(one.get()).isEqualTo(400);
                }
            }
            assertNothingKept(manifest);
        }
    }

    @Test
    void push_soundImageAgainWhileItsLayerIsRefused_stays() {
        byte[] manifest = pushParts(SOUND);
        assertThat(caller.manifest("latest", manifest).statusCode()).isEqualTo(201);
        assertThat(caller.manifest("-not-a-tag", manifest).statusCode()).isEqualTo(400);

        assertThat(caller.get("manifests/latest").statusCode()).isEqualTo(200);
    }

    private byte[] pushParts(Layer layer) {
        byte[] config = Layout.config(layer).getBytes(StandardCharsets.UTF_8);
        return manifest(
                caller.push(config), config.length, caller.push(layer.blob()), layer.blob().length);
    }

    private static byte[] manifest(Digest config, long configSize, Digest layer, long layerSize) {
        return """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
        """
                .formatted(
                        Caller.MANIFEST,
                        Layout.descriptor(MediaTypes.OCI_CONFIG, config, configSize),
                        Layout.descriptor(MediaTypes.OCI_LAYER + "+gzip", layer, layerSize))
                .getBytes(StandardCharsets.UTF_8);
    }

    private void assertNothingKept(byte[] manifest) {
        assertThat(caller.get("manifests/latest").statusCode()).isEqualTo(404);
        assertThat(caller.get("manifests/" + Digests.of(manifest)).statusCode()).isEqualTo(404);
        assertThat(Caller.files(data, "repositories"))
                .as("only links to the blobs that were pushed")
                .allMatch(file -> file.toString().contains("/_blobs/"));
        assertThat(Caller.files(data, "uploads")).isEmpty();
        assertNothingUnpacked();
    }

    private void assertNothingUnpacked() {
        for (String directory : List.of("layers", "unpacking", "manifests", "configs")) {
            try (Stream<Path> left = Files.list(data.resolve("images").resolve(directory))) {
                assertThat(left).as(directory).isEmpty();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    static Stream<Arguments> refusedManifests() {
        Digest none = Digests.of(new byte[0]);
        String config = Layout.descriptor(MediaTypes.OCI_CONFIG, none, 0);
        String parts =
                IntStream.range(0, 100_000).mapToObj(i -> "{}").collect(Collectors.joining(","));
        return Stream.of(
                Arguments.of("26 unknown type", "{\"schemaVersion\":2,\"mediaType\":\"x/y\"}", 400),
                Arguments.of(
                        "26 type of an index",
                        "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\"}",
                        400),
                Arguments.of(
                        "27 manifest and index",
                        "{\"schemaVersion\":2,\"config\":"
                                + config
                                + ",\"layers\":[],\"manifests\":[]}",
                        400),
                Arguments.of(
                        "28 100 000 descriptors",
                        "{\"schemaVersion\":2,\"config\":"
                                + config
                                + ",\"layers\":["
                                + parts
                                + "]}",
                        400),
                Arguments.of("29 more than 4 MiB", "{\"x\":\"" + "y".repeat(5 << 20) + "\"}", 413),
                Arguments.of("29 long string", "{\"x\":\"" + "y".repeat(3 << 20) + "\"}", 400),
                Arguments.of("29 deep", "[".repeat(1 << 20), 400),
                Arguments.of(
                        "29 deep in what is passed over", "{\"x\":" + "[".repeat(100_000), 400),
                Arguments.of("a key twice", "{\"schemaVersion\":2,\"schemaVersion\":2}", 400),
                Arguments.of("null", "null", 400),
                Arguments.of("nothing", "", 400),
                Arguments.of(
                        "a part that climbs",
                        "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\""
                                + MediaTypes.OCI_CONFIG
                                + "\",\"size\":1,\"digest\":\"sha256:../../../../etc/passwd\"}}",
                        400),
                Arguments.of(
                        "a subject that climbs",
                        "{\"schemaVersion\":2,\"layers\":[],\"config\":"
                                + config
                                + ",\"subject\":{\"size\":1,\"digest\":\"../../x\"}}",
                        400),
                Arguments.of(
                        "negative size",
                        "{\"schemaVersion\":2,\"layers\":[],\"config\":"
                                + config.replace("\"size\":0", "\"size\":-1")
                                + "}",
                        400),
                Arguments.of(
                        "blob of nobody",
                        "{\"schemaVersion\":2,\"layers\":[],\"config\":" + config + "}",
                        400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedManifests")
    void push_hostileManifest_refused(String name, String manifest, int status) {
        byte[] document = manifest.getBytes(StandardCharsets.UTF_8);

        HttpResponse<String> answer = caller.manifest("latest", document);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).hasSizeLessThan(2000).contains("MANIFEST_");
        assertNothingKept(document);
    }

    @Test
    void push_rightDigestOfWrongSize_refused() {
        byte[] config = Layout.config(SOUND).getBytes(StandardCharsets.UTF_8);
        Digest configDigest = caller.push(config);
        Digest layer = caller.push(SOUND.blob());
        for (byte[] manifest :
                List.of(
                        manifest(configDigest, config.length, layer, SOUND.blob().length + 1),
                        manifest(configDigest, config.length - 1, layer, SOUND.blob().length))) {
            HttpResponse<String> answer = caller.manifest("latest", manifest);
            assertThat(answer.body()).contains("MANIFEST_INVALID").contains("bytes, but it has");
            assertNothingKept(manifest);
        }
    }

    @Test
    void push_partsOfAnotherRepository_unknown() {
        byte[] manifest = pushParts(SOUND);
        HttpResponse<String> answer = caller.in("other").manifest("latest", manifest);

        assertThat(answer.body()).contains("MANIFEST_BLOB_UNKNOWN");
        assertThat(caller.in("other").get("manifests/latest").statusCode()).isEqualTo(404);
    }

    @Test
    void push_whilePruned_taggedManifestIsThere() throws Exception {
        // taken aside: whoever prunes comes exactly between storing a manifest and tagging it
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.open(
                        temp.resolve("aside"), Caller.settings(1 << 20), Clock.system())) {
            registry.serve(
                    (repository, manifest, tag) -> {
                        try {
                            registry.prune(digest -> false);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            try (Caller aside = new Caller(registry.address().orElseThrow(), "team/app")) {
                byte[] config = Layout.config(SOUND).getBytes(StandardCharsets.UTF_8);
                byte[] manifest =
                        manifest(
                                aside.push(config),
                                config.length,
                                aside.push(SOUND.blob()),
                                SOUND.blob().length);

                assertThat(aside.manifest("latest", manifest).statusCode()).isEqualTo(201);
                assertThat(aside.get("manifests/latest").statusCode()).isEqualTo(200);
                assertThat(aside.get("blobs/" + Digests.of(SOUND.blob())).statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void push_deletedBeforeItIsTagged_refusedAndNoTagLeft() throws Exception {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.open(
                                temp.resolve("aside"), Caller.settings(1 << 20), Clock.system());
                HttpDelete deleting = new HttpDelete()) {
            registry.serve((repository, manifest, tag) -> deleting.delete(manifest));
            try (Caller aside = new Caller(registry.address().orElseThrow(), "team/app")) {
                deleting.caller = aside;
                byte[] config = Layout.config(SOUND).getBytes(StandardCharsets.UTF_8);
                byte[] manifest =
                        manifest(
                                aside.push(config),
                                config.length,
                                aside.push(SOUND.blob()),
                                SOUND.blob().length);

                assertThat(aside.manifest("latest", manifest).body()).contains("MANIFEST_UNKNOWN");
                assertThat(aside.get("tags/list").body()).doesNotContain("latest");
            }
        }
    }

    private static final class HttpDelete implements AutoCloseable {
        private Caller caller;

        void delete(Digest manifest) {
            assertThat(caller.call("DELETE", "manifests/" + manifest, new byte[0]).statusCode())
                    .isEqualTo(202);
        }

        @Override
        public void close() {}
    }

    @Test
    void referrers_withHugeAnnotations_comeInPages() {
        Digest subject = Digests.of("subject".getBytes(StandardCharsets.UTF_8));
        Digest empty = caller.push("{}".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 5; i++) {
            String text =
                    """
                    {"schemaVersion":2,"config":%s,"layers":[],"subject":%s,"annotations":{"x":"%d%s"}}
                    """
                            .formatted(
                                    Layout.descriptor("application/x", empty, 2),
                                    Layout.descriptor(MediaTypes.OCI_MANIFEST, subject, 7),
                                    i,
                                    "y".repeat(1_900_000));
            assertThat(
                            caller.manifest(
                                            Digests.of(text.getBytes(StandardCharsets.UTF_8))
                                                    .value(),
                                            text.getBytes(StandardCharsets.UTF_8))
                                    .statusCode())
                    .isEqualTo(201);
        }

        int found = 0;
        String next = "referrers/" + subject;
        while (!next.isEmpty()) {
            HttpResponse<String> page = caller.get(next);
            assertThat(page.body()).hasSizeLessThan(5 << 20);
            found +=
                    page.body()
                                    .split("\"mediaType\":\"" + Caller.MANIFEST.replace("+", "\\+"))
                                    .length
                            - 1;
            next =
                    page.headers()
                            .firstValue("Link")
                            .map(link -> link.substring(1, link.indexOf('>')))
                            .orElse("");
        }
        assertThat(found).isEqualTo(5);
    }

    static Stream<Arguments> refusedArchives() {
        String passwd = "[{\"Config\":\"../../../../etc/passwd\",\"Layers\":[\"/etc/passwd\"]}]";
        String linked = "[{\"Config\":\"c\",\"Layers\":[]}]";
        byte[] sound = new Tar().file("manifest.json", linked).file("c", "{}").bytes();
        return Stream.of(
                Arguments.of("nothing", new byte[0]),
                Arguments.of("not a tar", "x".repeat(10_000).getBytes(StandardCharsets.UTF_8)),
                Arguments.of("gzip", Layer.gzip(sound)),
                Arguments.of("cut off", java.util.Arrays.copyOf(sound, 700)),
                Arguments.of("no config worth the name", sound),
                Arguments.of("names of the host", new Tar().file("manifest.json", passwd).bytes()),
                Arguments.of(
                        "links to the host",
                        new Tar()
                                .file("manifest.json", linked)
                                .symlink("c", "/../../../etc/passwd")
                                .bytes()),
                Arguments.of(
                        "link to itself", new Tar().symlink("index.json", "index.json").bytes()),
                Arguments.of(
                        "index that names nothing",
                        new Tar()
                                .file("index.json", "{\"schemaVersion\":2,\"manifests\":[]}")
                                .bytes()),
                Arguments.of(
                        "index of depth", new Tar().file("index.json", "[".repeat(99999)).bytes()),
                Arguments.of(
                        "size of a petabyte",
                        new Tar().header('0', "index.json", "", 0644, 0, 0, 1L << 32).withoutEnd()),
                Arguments.of("20 000 files", files(20_000)),
                Arguments.of("hostile layer", hostileLayer()));
    }

    private static byte[] files(int count) {
        Tar tar = new Tar();
        for (int i = 0; i < count; i++) {
            tar.file("f" + i, "");
        }
        return tar.bytes();
    }

    private static byte[] hostileLayer() {
        byte[] layer = new Tar().file("../outside", "x").bytes();
        return new Tar()
                .file("manifest.json", "[{\"Config\":\"config\",\"Layers\":[\"layer\"]}]")
                .file("config", Layout.config(new Layer("", layer, Digests.of(layer))))
                .entry('0', "layer", "", 0644, 0, 0, layer)
                .bytes();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedArchives")
    void load_hostileArchive_refusedAndNothingLeft(String name, byte[] archive) {
        HttpResponse<String> answer = caller.call("POST", "/v2/_load?name=team/app", archive);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("MANIFEST_INVALID").doesNotContain("root:");
        assertNothingKept(archive);
    }

    @Test
    void push_diskFull_saysSoAndLeavesNothing() {
        Path small = temp.resolve("small");
        Commands.run("mkdir", small.toString());
        Commands.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small.toString());
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.open(small, Caller.settings(16 << 20), Clock.system());
                Caller there = serve(registry)) {
            String upload = there.begin();

            HttpResponse<String> answer = there.call("PATCH", upload, new byte[4 << 20]);
            assertThat(answer.statusCode()).isEqualTo(507);
            assertThat(answer.body()).contains("hearth images --prune");
            assertThat(there.get(upload).statusCode()).isEqualTo(404);
            assertThat(Caller.files(small, "")).isEmpty();
            there.push("fits".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            Commands.run("umount", small.toString());
        }
    }

    private static Caller serve(EmbeddedRegistry registry) throws IOException {
        registry.serve((repository, manifest, tag) -> {});
        return new Caller(registry.address().orElseThrow(), "team/app");
    }
}
