package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents of SECURITY.md, "Hostile images": each is refused by one clear sentence. */
class BadImageTest {
    private static final Layer LAYER = Layer.plain(new Tar().file("f", "x"));

    @TempDir Path temp;
    private Layout layout;
    private ImageCache cache;

    @BeforeEach
    void setUp() {
        layout = new Layout(temp.resolve("layout"));
        cache = ImageCache.open(CacheOptions.in(temp.resolve("data")), Clock.system());
    }

    @AfterEach
    void tearDown() {
        cache.close();
    }

    @Test
    void resolve_noDirectory_notFound() {
        refused("oci:" + temp + "/none", "image-not-found", "no OCI layout");
    }

    @Test
    void resolve_otherTag_notFoundAndTagsListed() {
        layout.image("one", LAYER);
        refused(layout.reference("two"), "image-not-found", "only one");
    }

    @Test
    void resolve_pipeAsIndex_notFoundAtOnce() {
        layout.image("one", LAYER);
        dev.hearth.imagecache.fixture.Commands.run(
                "sh", "-c", "cd " + layout.directory() + " && rm index.json && mkfifo index.json");
        refused(layout.reference("one"), "image-not-found", "no OCI layout");
    }

    @Test
    void resolve_garbage_corrupt() {
        layout.image("one", LAYER);
        layout.index("not json");
        refused(layout.reference("one"), "corrupt-image", "not valid");
        layout.index("[".repeat(100_000));
        refused(layout.reference("one"), "corrupt-image", "not valid");
        layout.index("{\"schemaVersion\":2,\"schemaVersion\":2,\"manifests\":[]}");
        refused(layout.reference("one"), "corrupt-image", "Duplicate");
        layout.index("null");
        refused(layout.reference("one"), "corrupt-image", "null");
    }

    @Test
    void resolve_hugeManifest_corrupt() {
        layout.manifest("one", "{\"schemaVersion\":2,\"x\":\"" + "x".repeat(5 << 20) + "\"}");
        refused(layout.reference("one"), "corrupt-image", "more than 4194304 bytes");
    }

    @Test
    void resolve_manifestThatIsAlsoAnIndex_corrupt() {
        layout.manifest(
                "one",
                """
                {"schemaVersion":2,"config":%s,"layers":[],"manifests":[]}
                """
                        .formatted(Layout.descriptor(MediaTypes.OCI_CONFIG, LAYER.diffId(), 1)));
        refused(layout.reference("one"), "corrupt-image", "an index as well");
    }

    @Test
    void resolve_otherTypeInsideThanAnnounced_corrupt() {
        layout.manifest(
                "one", "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\"}");
        refused(layout.reference("one"), "corrupt-image", "announced as");
    }

    @Test
    void resolve_notAContainerImage_corrupt() {
        layout.manifest(
                "one",
                """
                {"schemaVersion":2,"config":%s,"layers":[]}
                """
                        .formatted(
                                Layout.descriptor(
                                        "application/vnd.cncf.helm.config.v1+json",
                                        LAYER.diffId(),
                                        1)));
        refused(layout.reference("one"), "corrupt-image", "not a container image");
    }

    @Test
    void resolve_unknownOrForeignLayer_corrupt() {
        layout.image(
                "one",
                new Layer(
                        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                        LAYER.blob(),
                        LAYER.diffId()));
        refused(layout.reference("one"), "corrupt-image", "cannot be unpacked");
    }

    @Test
    void resolve_128Layers_corrupt() {
        layout.image("one", IntStream.range(0, 128).mapToObj(i -> LAYER).toArray(Layer[]::new));
        refused(layout.reference("one"), "corrupt-image", "128 layers; the most is 127");
    }

    @Test
    void resolve_chainOfIndexes_corrupt() {
        Digest at = layout.image("one", LAYER);
        String type = MediaTypes.OCI_MANIFEST;
        for (int i = 0; i < 1000; i++) {
            at =
                    layout.blob(
                            "{\"schemaVersion\":2,\"manifests\":["
                                    + Layout.descriptor(type, at, 1)
                                    + "]}");
            type = MediaTypes.OCI_INDEX;
        }
        layout.entry("chain", MediaTypes.OCI_INDEX, at, 1);
        refused(layout.reference("chain"), "corrupt-image", "nested more than");
    }

    @Test
    void resolve_indexThatContainsItself_wrongDigest() throws IOException {
        // no file holds its own hash: what claims to is found out
        Digest claimed = Digest.sha256("c".repeat(64));
        String entry = Layout.descriptor(MediaTypes.OCI_INDEX, claimed, 1);
        layout.blob("anything"); // makes the directory
        Files.writeString(
                layout.blobFile(claimed), "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
        layout.entry("self", MediaTypes.OCI_INDEX, claimed, 1);
        refused(layout.reference("self"), "wrong-digest", "manifest hashes to");
    }

    @Test
    void resolve_indexOf100000Entries_corrupt() {
        String entries = "{},".repeat(99_999) + "{}";
        Digest index = layout.blob("{\"schemaVersion\":2,\"manifests\":[" + entries + "]}");
        layout.entry("many", MediaTypes.OCI_INDEX, index, 1);
        refused(layout.reference("many"), "corrupt-image", "more than 10000 entries");
    }

    @Test
    void resolve_swappedTypesOfConfigAndLayer_corrupt() {
        String config = Layout.config(LAYER);
        String asLayer =
                Layout.descriptor(MediaTypes.OCI_LAYER, layout.blob(config), config.length());
        String asConfig =
                Layout.descriptor(
                        MediaTypes.OCI_CONFIG, layout.blob(LAYER.blob()), LAYER.blob().length);
        layout.manifest(
                "swapped",
                "{\"schemaVersion\":2,\"config\":" + asConfig + ",\"layers\":[" + asLayer + "]}");
        refused(layout.reference("swapped"), "corrupt-image", "configuration is not valid");
        layout.manifest(
                "types",
                "{\"schemaVersion\":2,\"config\":" + asLayer + ",\"layers\":[" + asConfig + "]}");
        refused(layout.reference("types"), "corrupt-image", "not a container image");
    }

    @Test
    void resolve_otherPlatformsOnly_notFoundAndPlatformsListed() {
        Digest image = layout.image("one", LAYER);
        String plain = Layout.descriptor(MediaTypes.OCI_MANIFEST, image, 1);
        String entry =
                plain.substring(0, plain.length() - 1)
                        + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}";
        Digest index = layout.blob("{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
        layout.entry("index", MediaTypes.OCI_INDEX, index, 1);
        refused(layout.reference("index"), "image-not-found", "only for linux/s390x");
    }

    @Test
    void resolve_manifestChanged_wrongDigest() throws IOException {
        Digest image = layout.image("one", LAYER);
        Files.writeString(layout.blobFile(image), " ", java.nio.file.StandardOpenOption.APPEND);
        refused(layout.reference("one"), "wrong-digest", "manifest hashes to");
    }

    @Test
    void prefetch_configChanged_wrongDigest() throws IOException {
        String config = Layout.config(LAYER);
        layout.image("one", config, LAYER);
        Files.writeString(layout.blobFile(layout.blob(config)), config.replace("linux", "LINUX"));
        refused(layout.reference("one"), "wrong-digest", "configuration does not match");
    }

    @Test
    void prefetch_otherArchitecture_notFound() {
        layout.image(
                "one",
                "{\"os\":\"linux\",\"architecture\":\"s390x\",\"rootfs\":{\"diff_ids\":[\""
                        + LAYER.diffId()
                        + "\"]}}",
                LAYER);
        refused(layout.reference("one"), "image-not-found", "for linux/s390x, not");
    }

    @Test
    void prefetch_otherNumberOfDiffIds_corrupt() {
        layout.image("one", Layout.config(LAYER, LAYER), LAYER);
        refused(layout.reference("one"), "corrupt-image", "has 1 layers, its configuration 2");
    }

    @Test
    void prefetch_hugeEnvironmentOrCommand_corrupt() {
        String many =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> "\"V" + i + "=x\"")
                        .collect(Collectors.joining(","));
        layout.image("env", Layout.config("{\"Env\":[" + many + "]}", LAYER), LAYER);
        refused(layout.reference("env"), "corrupt-image", "10000 environment variables");
        String huge = "{\"Cmd\":[\"" + "x".repeat(1 << 20) + "\"]}";
        layout.image("cmd", Layout.config(huge, LAYER), LAYER);
        refused(layout.reference("cmd"), "corrupt-image", "the most is 524288");
    }

    @Test
    void prefetch_hugeUserOrDirectory_corrupt() {
        for (String key : List.of("User", "WorkingDir")) {
            String huge = "{\"" + key + "\":\"/" + "x".repeat(1 << 20) + "\"}";
            layout.image(key, Layout.config(huge, LAYER), LAYER);
            refused(layout.reference(key), "corrupt-image", "the most is 4095");
        }
    }

    @Test
    void prefetch_nulInConfig_corrupt() {
        layout.image("one", Layout.config("{\"User\":\"a\\u0000b\"}", LAYER), LAYER);
        refused(layout.reference("one"), "corrupt-image", "NUL");
    }

    private void refused(String reference, String reason, String message) {
        assertThatThrownBy(() -> cache.prefetch(cache.resolve(reference)))
                .isInstanceOf(HearthException.class)
                .hasMessageContaining(message)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo(reason);
    }
}
