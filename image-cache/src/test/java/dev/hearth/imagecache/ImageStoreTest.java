package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
    @TempDir Path temp;
    private Layout layout;
    private final Layer base = Layer.gzip(new Tar().file("base", "x".repeat(10_000)));
    private final Layer app = Layer.gzip(new Tar().file("app", "a"));
    private final Layer other = Layer.gzip(new Tar().file("other", "o"));

    @BeforeEach
    void setUp() {
        layout = new Layout(temp.resolve("layout"));
    }

    @Test
    void prefetch_twoImagesOnOneBase_baseIsOneDirectory() throws IOException {
        layout.image("one", base, app);
        layout.image("two", base, other);
        try (ImageCache cache = open()) {
            StoredImage one = pull(cache, "one");
            Object baseInode = Files.getAttribute(one.layers().getFirst(), "unix:ino");
            StoredImage two = pull(cache, "two");

            assertThat(two.layers().getFirst()).isEqualTo(one.layers().getFirst());
            assertThat(Files.getAttribute(two.layers().getFirst(), "unix:ino"))
                    .isEqualTo(baseInode);
            assertThat(children("layers")).hasSize(3);
            assertThat(two.unpackedBytes()).isEqualTo(10_001);
        }
    }

    @Test
    void open_afterRestart_imageIsThere() throws IOException {
        Digest digest = layout.image("one", base, app);
        StoredImage before;
        try (ImageCache cache = open()) {
            before = pull(cache, "one");
        }
        Commands.run("rm", "-rf", layout.directory().toString());

        try (ImageCache cache = open()) {
            assertThat(cache.open(digest)).isEqualTo(before);
            cache.prefetch(new ResolvedImage(layout.reference("one"), digest)); // needs no source
        }
    }

    @Test
    void open_unknownImage_notInCache() {
        try (ImageCache cache = open()) {
            assertThatThrownBy(() -> cache.open(Digest.sha256("0".repeat(64))))
                    .extracting(e -> ((HearthException) e).reason())
                    .isEqualTo("image-not-in-cache");
        }
    }

    @Test
    void start_afterCrash_halfMadeIsRemovedAndImagePulledAgain() throws IOException {
        Digest digest = layout.image("one", base, app);
        try (ImageCache cache = open()) {
            pull(cache, "one");
        }
        // a crash in the middle of an unpack, between two renames, and a bit flip
        Path images = temp.resolve("data/images");
        Files.createDirectories(images.resolve("unpacking/layer-1/deep"));
        Files.writeString(images.resolve("unpacking/layer-1/deep/file"), "half");
        Files.createDirectory(images.resolve("layers").resolve("1".repeat(64)));
        Files.writeString(images.resolve("layers/not-ours"), "x");
        Files.writeString(images.resolve("facts").resolve("2".repeat(64) + ".json"), "{}");
        Files.writeString(images.resolve("configs").resolve("3".repeat(64) + ".json"), "{}");
        Files.writeString(images.resolve("manifests").resolve(digest.hex() + ".json"), "flipped");

        try (ImageCache cache = open()) {
            assertThat(children("unpacking")).isEmpty();
            assertThat(children("layers")).hasSize(1); // the others are of no image any more
            assertThat(children("facts")).isEmpty();
            assertThat(children("configs")).isEmpty();
            assertThatThrownBy(() -> cache.open(digest)).hasMessageContaining("not on this node");
            assertThat(pull(cache, "one").layers()).hasSize(2);
        }
    }

    @Test
    void start_layerOfAnImageMissing_imageForgotten() throws IOException {
        Digest digest = layout.image("one", base, app);
        try (ImageCache cache = open()) {
            StoredImage image = pull(cache, "one");
            Commands.run("rm", "-rf", image.layers().getLast().toString());
        }
        try (ImageCache cache = open()) {
            assertThatThrownBy(() -> cache.open(digest)).hasMessageContaining("not on this node");
        }
    }

    @Test
    void prefetch_manyAtOnce_eachLayerUnpackedOnce() throws Exception {
        List<String> tags = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tags.add("t" + i);
            layout.image("t" + i, base, Layer.gzip(new Tar().file("own" + i, "x")));
        }
        try (ImageCache cache = open();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<StoredImage>> pulls = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (String tag : tags) {
                    pulls.add(callers.submit(() -> pull(cache, tag)));
                }
            }
            for (Future<StoredImage> pull : pulls) {
                assertThat(pull.get(60, TimeUnit.SECONDS).layers()).hasSize(2);
            }
        }
        assertThat(children("layers")).hasSize(9);
        assertThat(children("unpacking")).isEmpty();
    }

    @Test
    void close_pullsUnderWayAndWaiting_endAndLeaveNothing() throws Exception {
        List<Future<?>> pulls = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            ImageCache cache = open();
            for (int i = 0; i < 20; i++) {
                String tag = "t" + i;
                layout.image(tag, Layer.gzip(new Tar().file("own" + i, "x".repeat(1 << 20))), base);
                ResolvedImage image = cache.resolve(layout.reference(tag));
                pulls.add(callers.submit(() -> cache.prefetch(image)));
            }
            cache.close();
            for (Future<?> pull : pulls) {
                try {
                    pull.get(30, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(HearthException.class);
                }
            }
        }
        assertThat(children("unpacking")).isEmpty();
    }

    @Test
    void prefetch_tagMovedSinceResolve_digestWins() {
        Digest old = layout.image("tag", base);
        try (ImageCache cache = open()) {
            ResolvedImage resolved = cache.resolve(layout.reference("tag"));
            new Layout(layout.directory()).image("tag", app);
            cache.prefetch(resolved);

            assertThat(cache.open(old).layers().getFirst().getFileName())
                    .hasToString(base.diffId().hex());
        }
    }

    private ImageCache open() {
        return ImageCache.open(CacheOptions.in(temp.resolve("data")), Clock.system());
    }

    private StoredImage pull(ImageCache cache, String tag) {
        ResolvedImage image = cache.resolve(layout.reference(tag));
        cache.prefetch(image);
        return cache.open(image.digest());
    }

    private List<Path> children(String directory) throws IOException {
        try (Stream<Path> all = Files.list(temp.resolve("data/images").resolve(directory))) {
            return all.toList();
        }
    }
}
