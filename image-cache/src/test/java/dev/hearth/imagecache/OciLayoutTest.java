package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
    @TempDir Path temp;

    @Test
    void prefetch_plainGzipZstdLayers_unpackedInOrder() throws IOException {
        Layer base =
                Layer.gzip(
                        new Tar()
                                .directory("bin/")
                                .entry('0', "bin/hello", "", 04755, 0, 0, new byte[] {1, 2, 3})
                                .symlink("bin/hi", "hello")
                                .hardLink("bin/again", "bin/hello")
                                .entry('0', "data", "", 0640, 1000, 1001, new byte[70_000]));
        Layer middle = Layer.zstd(new Tar().file("bin/.wh.hi", "").file("etc/.wh..wh..opq", ""));
        Layer top = Layer.plain(new Tar().file("./etc/new", "x"));
        Layout layout = new Layout(temp.resolve("layout"));
        layout.image("one", base, middle, top);

        try (ImageCache cache = open()) {
            ResolvedImage image = cache.resolve(layout.reference("one"));
            cache.prefetch(image);
            StoredImage stored = cache.open(image.digest());

            assertThat(stored.layers())
                    .extracting(l -> l.getFileName().toString())
                    .containsExactly(
                            base.diffId().hex(), middle.diffId().hex(), top.diffId().hex());
            assertThat(stored.config().cmd()).containsExactly("/bin/hello");
            assertThat(stored.unpackedBytes()).isEqualTo(70_004);
            Path lowest = stored.layers().getFirst();
            assertThat(lowest.resolve("bin/hello")).hasBinaryContent(new byte[] {1, 2, 3});
            assertThat(Files.getAttribute(lowest.resolve("bin/hello"), "unix:mode"))
                    .isEqualTo(0104755);
            assertThat(Files.getAttribute(lowest.resolve("bin/again"), "unix:nlink")).isEqualTo(2);
            assertThat(Files.readSymbolicLink(lowest.resolve("bin/hi"))).hasToString("hello");
            assertThat(Files.getAttribute(lowest.resolve("data"), "unix:uid")).isEqualTo(1000);
            assertThat(Files.getAttribute(lowest.resolve("data"), "unix:gid")).isEqualTo(1001);
            assertThat(Files.getPosixFilePermissions(lowest.resolve("data")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
            assertThat(Files.getLastModifiedTime(lowest.resolve("bin")).toMillis())
                    .isEqualTo(Tar.TIME * 1000);
            Path whiteout = stored.layers().get(1).resolve("bin/hi");
            assertThat(Files.getAttribute(whiteout, "unix:mode", LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(020000);
            assertThat(Files.getAttribute(whiteout, "unix:rdev")).isEqualTo(0L);
            assertNothingUnpacking();
        }
    }

    private ImageCache open() {
        return ImageCache.open(CacheOptions.in(temp.resolve("data")), Clock.system());
    }

    private void assertNothingUnpacking() throws IOException {
        try (Stream<Path> left = Files.list(temp.resolve("data/images/unpacking"))) {
            assertThat(left).isEmpty();
        }
    }
}
