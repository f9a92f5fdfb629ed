package dev.hearth.imagecache.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.StoredImages;
import dev.hearth.imagecache.fixture.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of real unpacked layers, the hostile ones of SECURITY.md among them. */
class ImageFilesTest {
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
    void find_fileInSeveralLayers_uppermost() throws IOException {
        ImageFiles files = files(new Tar().file("etc/f", "low"), new Tar().file("etc/f", "high"));

        assertThat(text(files, "/etc/f")).isEqualTo("high");
        assertThat(files.find("/etc/g")).isEmpty();
        assertThat(files.find("/etc/f/g")).isEmpty();
    }

    @Test
    void everyPath_asARealOverlayMountShowsIt() throws IOException {
        StoredImage image =
                images.store(
                        new Tar()
                                .file("d/gone", "x")
                                .file("d/kept", "x")
                                .file("opaque/gone", "x")
                                .file("opaque/sub/gone", "x")
                                .file("whole/gone", "x")
                                .file("becomes-file/gone", "x")
                                .file("becomes-directory", "x"),
                        new Tar()
                                .file("d/.wh.gone", "")
                                .file("opaque/.wh..wh..opq", "")
                                .file("opaque/new", "y")
                                .file(".wh.whole", "")
                                .file("becomes-file", "y")
                                .file("becomes-directory/f", "y"),
                        new Tar().file("opaque/sub/newer", "z").file("becomes-file/again", "z"));
        ImageFiles files = new ImageFiles(image.layers());
        Path mount = Files.createDirectory(temp.resolve("mount"));
        String lower =
                String.join(":", image.layers().reversed().stream().map(Path::toString).toList());
        Commands.run(
                "mount",
                "-t",
                "overlay",
                "overlay",
                "-o",
                "ro,lowerdir=" + lower,
                mount.toString());
        try {
            for (String path :
                    List.of(
                            "d/gone",
                            "d/kept",
                            "opaque/gone",
                            "opaque/new",
                            "opaque/sub/gone",
                            "opaque/sub/newer",
                            "whole/gone",
                            "becomes-file/gone",
                            "becomes-file/again",
                            "becomes-directory/f")) {
                assertThat(files.find(path).isPresent())
                        .as(path)
                        .isEqualTo(Files.isRegularFile(mount.resolve(path)));
            }
            for (String directory :
                    List.of("/", "d", "opaque", "opaque/sub", "whole", "becomes-file")) {
                assertThat(files.list(directory, 100))
                        .as(directory)
                        .containsExactlyElementsOf(
                                Commands.run(
                                                "sh",
                                                "-c",
                                                "LC_ALL=C ls -A \"$1\" 2>/dev/null || true",
                                                "sh",
                                                mount.resolve("./" + directory).toString())
                                        .lines()
                                        .toList());
            }
        } finally {
            Commands.run("umount", mount.toString());
        }
    }

    @Test
    void find_throughLinks_staysInTheImage() throws IOException {
        ImageFiles files =
                files(
                        new Tar()
                                .file("usr/lib/os-release", "ours")
                                .symlink("etc/os-release", "../usr/lib/os-release")
                                .symlink("absolute", "/usr/lib")
                                .symlink("climbing", "../../../../../../usr/lib"),
                        new Tar().symlink("chained", "absolute"));

        assertThat(text(files, "/etc/os-release")).isEqualTo("ours");
        assertThat(text(files, "/absolute/os-release")).isEqualTo("ours");
        assertThat(text(files, "/climbing/os-release")).isEqualTo("ours");
        assertThat(text(files, "/chained/../lib/os-release")).isEqualTo("ours");
    }

    @Test
    void find_linksToTheHost_nothingOfTheHost() throws IOException {
        Path secret = Files.writeString(temp.resolve("secret"), "the host's");
        ImageFiles files =
                files(
                        new Tar()
                                .symlink("etc", "/etc")
                                .symlink("var", secret.getParent().toString())
                                .symlink("file", secret.toString())
                                .symlink("proc", "/proc/self/root"));

        // "etc" leads to itself, as it would in a container
        assertThatThrownBy(() -> files.find("/etc/passwd"))
                .isInstanceOf(BadFileException.class)
                .hasMessage("its /etc/passwd is a loop of symbolic links");
        assertThat(files.find("/var/secret")).isEmpty();
        assertThat(files.find("/file")).isEmpty();
        assertThat(files.list("/var", 100)).isEmpty();
        assertThatThrownBy(() -> files.find("/proc/etc/passwd"))
                .isInstanceOf(BadFileException.class);
    }

    @Test
    void find_notRegular_refused() throws IOException {
        ImageFiles files =
                files(
                        new Tar()
                                .entry('6', "pipe", "", 0600, 0, 0, new byte[0])
                                .symlink("to-pipe", "pipe")
                                .directory("directory"));

        for (String path : List.of("pipe", "to-pipe", "directory")) {
            assertThatThrownBy(() -> files.find(path))
                    .isInstanceOf(BadFileException.class)
                    .hasMessage("its " + path + " is not a regular file");
        }
    }

    @Test
    void read_tooLarge_refusedUnread() throws IOException {
        StoredImage image = images.store(new Tar().file("big", "x"));
        try (var file =
                new java.io.RandomAccessFile(
                        image.layers().getFirst().resolve("big").toFile(), "rw")) {
            file.setLength(1L << 40); // sparse
        }
        ImageFile big = new ImageFiles(image.layers()).find("/big").orElseThrow();

        assertThatThrownBy(() -> big.read(1 << 20))
                .isInstanceOf(BadFileException.class)
                .hasMessage("its /big has 1099511627776 bytes; the most is 1048576");
    }

    @Test
    void find_linksThatMultiply_bounded() throws IOException {
        Tar tar = new Tar().directory("d");
        String long30 = "d/../".repeat(30);
        IntStream.range(0, 45).forEach(i -> tar.symlink("l" + i, long30 + "l" + (i + 1)));
        ImageFiles files = files(tar);

        assertThatThrownBy(() -> files.find("/l0")).isInstanceOf(BadFileException.class);
        assertThatThrownBy(() -> files.find("/" + "d/../".repeat(1000) + "d/x"))
                .isInstanceOf(BadFileException.class);
    }

    @Test
    void list_moreThanAllowed_refused() throws IOException {
        ImageFiles files =
                files(new Tar().file("d/a", "x").file("d/b", "x"), new Tar().file("d/c", "x"));

        assertThat(files.list("/d", 3)).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> files.list("/d", 2)).isInstanceOf(BadFileException.class);
    }

    private ImageFiles files(Tar... layers) {
        return new ImageFiles(images.store(layers).layers());
    }

    private static String text(ImageFiles files, String path) throws IOException {
        return new String(files.find(path).orElseThrow().read(1000), StandardCharsets.UTF_8);
    }
}
