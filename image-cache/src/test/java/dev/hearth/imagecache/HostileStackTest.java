package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.StoredImages;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import dev.hearth.imagecache.unpack.UnpackLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile layers on top of each other, seen as a container sees them: through an overlay mount. */
@Tag("root")
class HostileStackTest {
    @TempDir Path temp;
    private StoredImages images;

    @BeforeEach
    void setUp() {
        images = new StoredImages(temp);
    }

    @AfterEach
    void tearDown() {
        images.close();
    }

    @Test
    void links_chainedAcrossLayers_writeNothingOutside() throws IOException {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        String up = "../".repeat(30);
        StoredImage image =
                images.store(
                        new Tar().symlink("a", "/").symlink("etc", up + "etc"),
                        new Tar().symlink("b", "a" + outside),
                        new Tar().symlink("c", "b"),
                        new Tar()
                                .file("c/hearth-chained", "x")
                                .file("b/hearth-chained", "x")
                                .file("a" + outside + "/hearth-chained", "x")
                                .file("etc/hearth-chained", "x"));

        assertThat(outside).isEmptyDirectory();
        assertThat(Path.of("/etc/hearth-chained")).doesNotExist();
        // each file is in the last layer, below a directory of its own that hides the link
        assertThat(image.layers().getLast().resolve("etc/hearth-chained")).hasContent("x");
        assertThat(seen(image)).contains("c/hearth-chained", "b/hearth-chained");
    }

    @Test
    void file_overADirectoryOfALowerLayer_andBack() {
        Tar directory = new Tar().file("x/low", "1").file("x/deep/low", "1").file("kept", "1");
        Tar file = new Tar().file("x", "2");
        Tar back = new Tar().file("x/new", "3");

        assertThat(seen(images.store(directory, file))).containsExactly("kept", "x");
        assertThat(seen(images.store(directory, file, back))).containsExactly("kept", "x/new");
        assertThat(seen(images.store(directory, file, back, file))).containsExactly("kept", "x");
        assertThat(seen(images.store(directory, new Tar().symlink("x", "kept"), back)))
                .containsExactly("kept", "x/new");
        assertThat(seen(images.store(directory, new Tar().file(".wh.x", ""), back)))
                .containsExactly("kept", "x/new");
    }

    @Test
    void whiteouts_ofEveryKind_hideOnlyWhatTheyName() {
        Tar low = new Tar().file("a/f", "1").file("b/f", "1").file("c", "1").symlink("l", "a");
        Tar marks =
                new Tar()
                        .file(".wh.c", "")
                        .file(".wh.none", "")
                        .file("b/.wh..wh..opq", "")
                        .file(".wh.l", "");
        Tar throughLink = new Tar().file("l/.wh.f", ""); // a directory l of its own by now

        assertThat(seen(images.store(low, marks))).containsExactly("a/f");
        assertThat(seen(images.store(low, marks, throughLink))).containsExactly("a/f");
    }

    @Test
    void forgedOverlayAttributesAndDevices_hideNothing() {
        Tar low = new Tar().file("d/f", "1").file("g", "1");
        Tar forged =
                new Tar()
                        .pax(java.util.Map.of("SCHILY.xattr.trusted.overlay.opaque", "y"))
                        .directory("d")
                        .pax(java.util.Map.of("SCHILY.xattr.user.overlay.whiteout", "y"))
                        .entry('3', "g", "", 0, 0, 0, new byte[0]); // device 0/0 is a whiteout

        assertThat(seen(images.store(low, forged))).containsExactly("d/f", "g");
    }

    /** Regular files of the mounted image. */
    private List<String> seen(StoredImage image) {
        Path mount = temp.resolve("mount");
        Commands.run("mkdir", "-p", mount.toString(), temp.resolve("none").toString());
        String lower =
                image.layers().reversed().stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":"));
        String options =
                image.layers().size() > 1
                        ? "ro,lowerdir=" + lower
                        : "ro,lowerdir=" + lower + ":" + temp.resolve("none");
        Commands.run("mount", "-t", "overlay", "overlay", "-o", options, mount.toString());
        try {
            return Commands.run("find", mount.toString(), "-type", "f", "-printf", "%P\n")
                    .lines()
                    .sorted()
                    .toList();
        } finally {
            Commands.run("umount", mount.toString());
        }
    }

    /** {@code -Dhearth.test.entries=1000000} takes minutes. */
    @Test
    @Tag("heavy")
    void unpack_veryManyEmptyFiles_constantMemory() throws Exception {
        int entries = Integer.getInteger("hearth.test.entries", 60_000);
        Path into = Files.createDirectory(temp.resolve("many"));
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (EmptyFiles all = new EmptyFiles(entries)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = all.read(buffer, 0, buffer.length);
                    n >= 0;
                    n = all.read(buffer, 0, buffer.length)) {
                sha256.update(buffer, 0, n);
            }
        }
        Digest diffId = Digest.sha256(HexFormat.of().formatHex(sha256.digest()));
        EmptyFiles files = new EmptyFiles(entries);

        LayerUnpacker.Unpacked unpacked =
                new LayerUnpacker(UnpackLimits.DEFAULT, (layer, large) -> {})
                        .unpack(files, diffId, into);

        assertThat(unpacked.entries()).isEqualTo(entries);
        System.err.printf(
                "%d empty files: heap %d KiB after a tenth, %d KiB at the end%n",
                entries, files.early >> 10, files.late >> 10);
        assertThat(files.late - files.early).isLessThan(4L << 20);
        Commands.run("rm", "-rf", into.toString());
    }

    /** A tar of empty files that is never in memory as a whole; looks at the heap on its way. */
    private static final class EmptyFiles extends InputStream {
        private final int entries;
        private byte[] block = new byte[0];
        private int at;
        private int next;
        private long early;
        private long late;

        EmptyFiles(int entries) {
            this.entries = entries;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (at == block.length && !advance()) {
                return -1;
            }
            int n = Math.min(length, block.length - at);
            System.arraycopy(block, at, buffer, offset, n);
            at += n;
            return n;
        }

        private boolean advance() {
            at = 0;
            if (next > entries) {
                return false;
            }
            if (next == entries / 10) {
                early = heap();
            } else if (next == entries) {
                late = heap();
            }
            block =
                    next == entries
                            ? new byte[1024]
                            : new Tar().file("d" + next % 100 + "/f" + next, "").withoutEnd();
            next++;
            return true;
        }

        private static long heap() {
            System.gc();
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }

    @Test
    void names_asLongAsTheyMayBe_reachable() throws IOException {
        String name = "n".repeat(255);
        String other = "m".repeat(255);
        String deep = (other + "/").repeat(11) + other; // 3071 bytes
        StoredImage image = images.store(new Tar().file(name, "x").file(deep, "y"));

        assertThat(Files.readString(image.layers().getFirst().resolve(name))).isEqualTo("x");
        assertThat(Files.readString(image.layers().getFirst().resolve(deep))).isEqualTo("y");
    }

    @Test
    void setUserId_asItIs_uselessByNoNewPrivs() throws IOException {
        byte[] copyOfId = Files.readAllBytes(Path.of("/usr/bin/id"));
        Path layer =
                images.store(new Tar().entry('0', "id", "", 06755, 0, 0, copyOfId))
                        .layers()
                        .getFirst();

        assertThat(Files.getAttribute(layer.resolve("id"), "unix:mode")).isEqualTo(0106755);
        Commands.run("chmod", "-R", "o+x", temp.toString());
        String as = "--reuid=1234 --regid=1234 --clear-groups ";
        String id = layer.resolve("id") + " -u";
        assertThat(Commands.run("sh", "-c", "setpriv " + as + id)).isEqualTo("0\n");
        assertThat(Commands.run("sh", "-c", "setpriv --no-new-privs " + as + id))
                .isEqualTo("1234\n");
    }

    @Test
    void garbageAfterTheEnd_neverUnpacked() {
        byte[] hidden = new Tar().file("hidden", "x").bytes();
        Tar tar = new Tar().file("seen", "x").raw(new byte[1024]).raw(hidden);

        assertThat(seen(images.store(tar))).containsExactly("seen");
        byte[] garbage = "garbage".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        assertThat(seen(images.store(new Tar().file("seen", "y").raw(new byte[1024]).raw(garbage))))
                .containsExactly("seen");
    }
}
