package dev.hearth.imagecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.testing.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Equal large files of different layers are one file on disk. */
class SharedFilesTest {
    private static final String LARGE = "l".repeat(200_000);

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private Layout layout;
    private int images;

    @BeforeEach
    void setUp() {
        layout = new Layout(temp.resolve("layout"));
    }

    private ImageCache open() {
        return ImageCache.open(CacheOptions.in(temp.resolve("data")), clock);
    }

    /** The top layer of an image of that one layer. */
    private Path pulled(ImageCache cache, Tar tar) {
        String tag = "t" + images++;
        layout.image(tag, Layer.gzip(tar));
        ResolvedImage image = cache.resolve(layout.reference(tag));
        cache.prefetch(image);
        return cache.open(image.digest()).layers().getFirst();
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }

    @Test
    void layerBuiltAgain_equalFileIsTheSame_othersAreNot() throws IOException {
        try (ImageCache cache = open()) {
            Path first = pulled(cache, new Tar().file("lib/a", LARGE).file("b", LARGE + "1"));
            Path second =
                    pulled(
                            cache,
                            new Tar()
                                    .file("lib/a", LARGE)
                                    .file("b", LARGE + "2")
                                    .file("small", "s")
                                    .entry(
                                            '0',
                                            "lib/executable",
                                            "",
                                            0755,
                                            0,
                                            0,
                                            LARGE.getBytes(UTF_8))
                                    .file("linked", LARGE)
                                    .hardLink("link", "linked"));

            assertThat(second).isNotEqualTo(first);
            assertThat(inode(second.resolve("lib/a"))).isEqualTo(inode(first.resolve("lib/a")));
            assertThat(inode(second.resolve("b"))).isNotEqualTo(inode(first.resolve("b")));
            assertThat(inode(second.resolve("lib/executable")))
                    .isNotEqualTo(inode(first.resolve("lib/a"))); // another mode
            assertThat(second.resolve("lib/executable")).isExecutable().hasContent(LARGE);
            assertThat(inode(second.resolve("link"))) // as the archive has it
                    .isEqualTo(inode(second.resolve("linked")))
                    .isNotEqualTo(inode(first.resolve("lib/a")));
            assertThat(second.resolve("b")).hasContent(LARGE + "2");
            assertThat(Files.getLastModifiedTime(second.resolve("lib")))
                    .isEqualTo(Files.getLastModifiedTime(first.resolve("lib")));
        }
    }

    @Test
    void afterARestart_andWithoutTheFirstLayer_stillShared() throws IOException {
        Tar again = new Tar().file("x", LARGE).file("again", "");
        Path first;
        Path second;
        try (ImageCache cache = open()) {
            first = pulled(cache, new Tar().file("x", LARGE));
            second = pulled(cache, again);
        }
        try (ImageCache cache = open()) {
            Path third = pulled(cache, new Tar().file("y", LARGE).file("third", ""));
            assertThat(inode(third.resolve("y"))).isEqualTo(inode(first.resolve("x")));

            clock.advance(Duration.ofHours(1));
            cache.prune(Set.of());
            assertThat(Stream.of(first, second, third)).noneMatch(Files::exists);
            try (Stream<Path> left = Files.list(temp.resolve("data/images/large"))) {
                assertThat(left).isEmpty();
            }
            Path fourth = pulled(cache, again);
            assertThat(fourth.resolve("x")).hasContent(LARGE);
            assertThat(Files.getAttribute(fourth.resolve("x"), "unix:nlink")).isEqualTo(1);
        }
    }

    @Test
    void fileReplacedByALaterEntry_isNotShared() throws IOException {
        try (ImageCache cache = open()) {
            pulled(cache, new Tar().file("x", LARGE));
            Path second = pulled(cache, new Tar().file("x", LARGE).symlink("x", "/etc/passwd"));

            assertThat(second.resolve("x")).isSymbolicLink();
        }
    }
}
