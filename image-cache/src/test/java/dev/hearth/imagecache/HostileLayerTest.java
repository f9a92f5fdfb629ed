package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.unpack.UnpackLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The layers of SECURITY.md, "Hostile images": refused with a reason and without a trace. */
class HostileLayerTest {
    private static final String TAR = "application/vnd.oci.image.layer.v1.tar";
    private static final long MOST_BYTES = 1 << 20;

    @TempDir Path temp;
    private Path outside;
    private Layout layout;

    @BeforeEach
    void setUp() throws IOException {
        outside = Files.writeString(temp.resolve("outside"), "untouched");
        layout = new Layout(temp.resolve("layout"));
    }

    static Stream<Arguments> refusedLayers() {
        byte[] sound = new Tar().file("a", "x".repeat(2000)).bytes();
        return Stream.of(
                refused("1 climbing name", new Tar().file("../outside", "x"), "climbs out"),
                refused("1 climbing in the middle", new Tar().file("a/../../b", "x"), "climbs out"),
                refused("5 hard link out", new Tar().hardLink("a", "../../outside"), "climbs out"),
                refused(
                        "5 hard link to what it lacks",
                        new Tar().hardLink("a", "/etc/passwd"),
                        "hard link to \"/etc/passwd\", which it has not"),
                refused(
                        "5 hard link to a directory",
                        new Tar().directory("d").hardLink("a", "d"),
                        "hard link to a directory"),
                refused("7 whiteout of dot", new Tar().file("a/.wh..", ""), "whiteout"),
                refused("7 whiteout of dot dot", new Tar().file("a/.wh...", ""), "whiteout"),
                refused("8 whiteout of the root", new Tar().file(".wh.", ""), "whiteout"),
                refused(
                        "10 own directory replaced by a file",
                        new Tar().file("d/f", "x").file("d", "y"),
                        "replaces its own directory"),
                refused("15 long name", new Tar().file("n".repeat(256), "x"), "256 bytes"),
                refused("15 long path", new Tar().file("d/".repeat(2000) + "f", "x"), "4001 bytes"),
                refused("15 path that grows by links", growingPath(), "nested too deeply"),
                refused(
                        "16 NUL in a name",
                        new Tar().pax(Map.of("path", "a\0b")).file("x", "x"),
                        "NUL"),
                refused("17 too many entries", manyEntries(), "more than 1000 entries"),
                refused("18 gzip bomb", Layer.gzip(zeros()), "more than 1048576 bytes"),
                refused("19 zstd bomb", Layer.zstd(zeros()), "more than 1048576 bytes"),
                refused("19 zstd window", hugeWindow(), "not valid zstd"),
                refused(
                        "20 sparse file",
                        new Tar().entry('S', "s", "", 0644, 0, 0, new byte[0]),
                        "sparse"),
                refused(
                        "20 sparse file in PAX",
                        new Tar().pax(Map.of("GNU.sparse.major", "1")).file("s", "x"),
                        "sparse"),
                refused(
                        "21 truncated tar",
                        new Layer(
                                TAR,
                                Arrays.copyOf(sound, 700),
                                Digests.of(Arrays.copyOf(sound, 700))),
                        "ends in the middle"),
                refused(
                        "21 truncated gzip",
                        new Layer(TAR, Arrays.copyOf(Layer.gzip(sound), 40), Digests.of(sound)),
                        "cut off"),
                refused(
                        "22 garbage after gzip",
                        new Layer(TAR, append(Layer.gzip(sound), "garbage"), Digests.of(sound)),
                        "not valid gzip"),
                refused(
                        "not a tar",
                        new Layer(
                                TAR,
                                "x".repeat(600).getBytes(),
                                Digests.of("x".repeat(600).getBytes())),
                        "not a tar archive"),
                refused("link loop", new Tar().symlink("a", "a").file("a/b", "x"), "loop"),
                refused(
                        "huge user id",
                        new Tar().pax(Map.of("uid", "4294967295")).file("f", "x"),
                        "4294967295"),
                refused(
                        "malformed capability",
                        new Tar()
                                .pax(Map.of("SCHILY.xattr.security.capability", "xx"))
                                .file("f", "x"),
                        "malformed capability"),
                refused(
                        "huge header",
                        new Tar().header('x', "h", "", 0, 0, 0, 1L << 30),
                        "headers of 1073741824 bytes"),
                refused("few entries, many directories", manyDirectories(), "too many directories"),
                refused(
                        "257 directories deep",
                        new Tar().file("d/".repeat(257) + "f", ""),
                        "nested too deeply"),
                refused("many headers for one entry", manyHeaders(), "headers of"),
                refused(
                        "unknown type",
                        new Tar().entry('Z', "f", "", 0, 0, 0, new byte[0]),
                        "unknown type"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedLayers")
    void prefetch_hostileLayer_refusedWithoutTrace(String name, Layer layer, String message)
            throws IOException {
        layout.image("bad", layer);
        try (ImageCache cache = open()) {
            ResolvedImage image = cache.resolve(layout.reference("bad"));

            assertThatThrownBy(() -> cache.prefetch(image))
                    .isInstanceOf(HearthException.class)
                    .hasMessageContaining(message)
                    .extracting(e -> ((HearthException) e).reason())
                    .isIn("corrupt-layer", "image-too-large");
            assertThatThrownBy(() -> cache.open(image.digest()))
                    .hasMessageContaining("not on this node");
        }
        assertNothingStored();
        assertThat(outside).hasContent("untouched");
    }

    @Test
    void prefetch_blobChanged_wrongDigest() throws IOException {
        Layer layer = Layer.gzip(new Tar().file("f", "content"));
        layout.image("changed", layer);
        byte[] changed = layer.blob().clone();
        changed[changed.length / 2] ^= 1;
        Files.write(layout.blobFile(Digests.of(layer.blob())), changed);

        assertRefused("changed", "wrong-digest", "hashes to");
    }

    @Test
    void prefetch_blobShorterOrLonger_wrongDigest() throws IOException {
        Layer layer = Layer.plain(new Tar().file("f", "content"));
        layout.image("size", layer);
        Path blob = layout.blobFile(Digests.of(layer.blob()));

        Files.write(blob, Arrays.copyOf(layer.blob(), layer.blob().length - 512));
        assertRefused("size", "wrong-digest", "bytes instead of");
        Files.write(blob, append(layer.blob(), "more"));
        assertRefused("size", "wrong-digest", "2052 bytes instead of 2048");
    }

    @Test
    void prefetch_otherDiffId_wrongDigest() throws IOException {
        Layer layer = Layer.gzip(new Tar().file("f", "content"));
        layout.image("diff", new Layer(layer.mediaType(), layer.blob(), Digests.of(new byte[1])));

        assertRefused("diff", "wrong-digest", "unpacks to content");
    }

    private void assertRefused(String tag, String reason, String message) throws IOException {
        try (ImageCache cache = open()) {
            ResolvedImage image = cache.resolve(layout.reference(tag));
            assertThatThrownBy(() -> cache.prefetch(image))
                    .hasMessageContaining(message)
                    .extracting(e -> ((HearthException) e).reason())
                    .isEqualTo(reason);
        }
        assertNothingStored();
    }

    private ImageCache open() {
        CacheOptions defaults = CacheOptions.in(temp.resolve("data"));
        CacheLimits limits =
                new CacheLimits(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        2,
                        new UnpackLimits(1000, new DataSize(MOST_BYTES)));
        return ImageCache.open(
                new CacheOptions(defaults.data(), limits, defaults.registries()), Clock.system());
    }

    private void assertNothingStored() throws IOException {
        for (String directory : new String[] {"layers", "unpacking", "manifests", "configs"}) {
            try (Stream<Path> left = Files.list(temp.resolve("data/images").resolve(directory))) {
                assertThat(left).as(directory).isEmpty();
            }
        }
    }

    private static Arguments refused(String name, Tar tar, String message) {
        return refused(name, Layer.gzip(tar), message);
    }

    private static Arguments refused(String name, Layer layer, String message) {
        return Arguments.of(name, layer, message);
    }

    /** Each link makes the way behind it longer than the name that asks for it. */
    private static Tar growingPath() {
        String deep = ("n".repeat(200) + "/").repeat(14);
        return new Tar()
                .directory(deep)
                .symlink("short", deep)
                .file("short/" + "m".repeat(200) + "/" + "m".repeat(200) + "/f", "x");
    }

    private static Tar manyEntries() {
        Tar tar = new Tar();
        for (int i = 0; i < 1001; i++) {
            tar.file("f" + i, "");
        }
        return tar;
    }

    private static Tar manyDirectories() {
        Tar tar = new Tar();
        for (int i = 0; i < 5; i++) {
            tar.file("d" + i + "/a".repeat(250), "");
        }
        return tar;
    }

    private static Tar manyHeaders() {
        Tar tar = new Tar();
        for (int i = 0; i < 3; i++) {
            tar.pax(Map.of("key" + i, "x".repeat(400_000)));
        }
        return tar;
    }

    private static Tar zeros() {
        return new Tar().entry('0', "zeros", "", 0644, 0, 0, new byte[(int) MOST_BYTES + 1]);
    }

    private static Layer hugeWindow() {
        byte[] tar = new Tar().file("f", "x").bytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
        out.write(0); // no content size, no checksum
        out.write((30 - 10) << 3); // window of 2^30 bytes
        int block = tar.length << 3 | 1; // raw, and the last
        out.writeBytes(new byte[] {(byte) block, (byte) (block >> 8), (byte) (block >> 16)});
        out.writeBytes(tar);
        return new Layer(TAR + "+zstd", out.toByteArray(), Digests.of(tar));
    }

    private static byte[] append(byte[] bytes, String more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes);
        out.writeBytes(more.getBytes());
        return out.toByteArray();
    }
}
