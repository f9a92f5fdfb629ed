package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers of SECURITY.md, "Hostile images", that are unpacked, safely. */
class HarmlessLayerTest {
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
    void unpack_absoluteName_insideLayer() {
        Path layer = unpack(new Tar().file("/etc/hearth-test", "x"));

        assertThat(layer.resolve("etc/hearth-test")).hasContent("x");
        assertThat(Path.of("/etc/hearth-test")).doesNotExist();
    }

    @Test
    void unpack_fileThroughLinkToRoot_insideLayer() {
        Path layer = unpack(new Tar().symlink("a", "/").file("a/hearth-test", "x"));

        assertThat(layer.resolve("hearth-test")).hasContent("x");
        assertThat(Path.of("/hearth-test")).doesNotExist();
    }

    @Test
    void unpack_fileThroughChainOfLinks_insideLayer() {
        Path layer =
                unpack(
                        new Tar()
                                .symlink("a", "../../../..")
                                .symlink("b", "a/tmp")
                                .file("b/hearth-test-chain", "x"));

        assertThat(layer.resolve("tmp/hearth-test-chain")).hasContent("x");
        assertThat(Path.of("/tmp/hearth-test-chain")).doesNotExist();
    }

    @Test
    void unpack_linkThenFileOfSameName_fileReplacesLink() throws IOException {
        Path outside = Files.writeString(temp.resolve("outside"), "untouched");
        Path layer = unpack(new Tar().symlink("a", outside.toString()).file("a", "mine"));

        assertThat(outside).hasContent("untouched");
        assertThat(layer.resolve("a")).hasContent("mine").isRegularFile();
        assertThat(Files.isSymbolicLink(layer.resolve("a"))).isFalse();
    }

    @Test
    void unpack_hardLinkToSymbolicLink_linkItself() throws IOException {
        Path layer = unpack(new Tar().symlink("a", "/etc/passwd").hardLink("b", "a"));

        assertThat(Files.readSymbolicLink(layer.resolve("b"))).hasToString("/etc/passwd");
    }

    @Test
    void unpack_writeAfterHardLink_otherNameKeepsContent() {
        Path layer = unpack(new Tar().file("a", "first").hardLink("b", "a").file("b", "second"));

        assertThat(layer.resolve("a")).hasContent("first");
        assertThat(layer.resolve("b")).hasContent("second");
    }

    @Test
    void unpack_opaqueMarkThroughLink_markOnOwnDirectory() {
        Path layer =
                unpack(new Tar().directory("real").symlink("a", "real").file("a/.wh..wh..opq", ""));

        assertThat(attributes(layer.resolve("real"))).contains("trusted.overlay.opaque=\"y\"");
        assertThat(attributes(layer.resolve("a"))).doesNotContain("opaque");
    }

    @Test
    void unpack_whiteoutThenDirectoryOfSameName_opaqueDirectory() {
        Path layer = unpack(new Tar().file(".wh.d", "").file("d/f", "x"));

        assertThat(layer.resolve("d/f")).hasContent("x");
        assertThat(attributes(layer.resolve("d"))).contains("trusted.overlay.opaque=\"y\"");
    }

    @Test
    void unpack_directoryThenWhiteoutOfSameName_opaqueDirectory() {
        Path layer = unpack(new Tar().file("d/f", "x").file(".wh.d", ""));

        assertThat(layer.resolve("d/f")).hasContent("x");
        assertThat(attributes(layer.resolve("d"))).contains("trusted.overlay.opaque=\"y\"");
    }

    @Test
    void unpack_deviceNodes_leftOut() {
        Path layer =
                unpack(
                        new Tar()
                                .entry('3', "null", "", 0666, 0, 0, new byte[0])
                                .entry('4', "disk", "", 0666, 0, 0, new byte[0])
                                .file("f", "x"));

        assertThat(layer).isDirectoryNotContaining("glob:**/{null,disk}");
        assertThat(layer.resolve("f")).hasContent("x");
    }

    @Test
    void unpack_fifo_made() throws IOException {
        Path layer = unpack(new Tar().entry('6', "p", "", 0600, 7, 8, new byte[0]));

        assertThat(Files.getAttribute(layer.resolve("p"), "unix:mode")).isEqualTo(010600);
        assertThat(Files.getAttribute(layer.resolve("p"), "unix:uid")).isEqualTo(7);
    }

    @Test
    void unpack_foreignAttributes_onlyCapabilityKept() {
        byte[] capability = new byte[20];
        capability[3] = 2; // VFS_CAP_REVISION_2
        capability[5] = (byte) 0x84; // two bits, one not ASCII
        Map<String, String> records = new LinkedHashMap<>();
        records.put("SCHILY.xattr.trusted.overlay.redirect", "/etc");
        records.put("SCHILY.xattr.user.overlay.opaque", "y");
        records.put("SCHILY.xattr.security.selinux", "x");
        records.put(
                "SCHILY.xattr.security.capability",
                new String(capability, StandardCharsets.ISO_8859_1));
        Path layer = unpack(new Tar().pax(records).file("f", "x"));

        assertThat(attributes(layer.resolve("f")))
                .contains("security.capability")
                .contains("000000020084")
                .doesNotContain("trusted")
                .doesNotContain("user.overlay")
                .doesNotContain("selinux");
    }

    @Test
    void unpack_namesOfAnyBytes_kept() {
        Path layer = unpack(new Tar().file("bad\u00ff\u00fe", "x").file("new\nline\u0001", "y"));

        String names = Commands.run("ls", "-b", layer.toString());
        assertThat(names).contains("bad\\377\\376").contains("new\\nline\\001");
    }

    @Test
    void unpack_linkedSystemDirectories_onlyLinks() throws IOException {
        Path layer =
                unpack(
                        new Tar()
                                .symlink("proc", "/")
                                .symlink("dev", "/dev")
                                .symlink("etc/passwd", "/etc/passwd"));

        assertThat(Files.isSymbolicLink(layer.resolve("proc"))).isTrue();
        assertThat(Files.readSymbolicLink(layer.resolve("etc/passwd"))).hasToString("/etc/passwd");
    }

    @Test
    void unpack_opaqueRoot_lowerLayersLeftOut() {
        Layer lower = Layer.plain(new Tar().file("low", "x"));
        Layer upper = Layer.plain(new Tar().file(".wh..wh..opq", "").file("high", "y"));
        layout.image("i", lower, upper);

        assertThat(pull("i").layers())
                .extracting(l -> l.getFileName().toString())
                .containsExactly(upper.diffId().hex());
    }

    @Test
    void unpack_sameLayerTwice_onceOnTop() {
        Layer a = Layer.plain(new Tar().file("a", "x"));
        Layer b = Layer.plain(new Tar().file("b", "x"));
        layout.image("i", a, b, a);

        assertThat(pull("i").layers())
                .extracting(l -> l.getFileName().toString())
                .containsExactly(b.diffId().hex(), a.diffId().hex());
    }

    @Test
    void mount_whiteoutsAndOpaqueDirectories_hideLowerFiles() throws IOException {
        Layer lower =
                Layer.plain(
                        new Tar().file("d/gone", "x").file("d/kept", "x").file("opaque/gone", "x"));
        Layer upper =
                Layer.plain(
                        new Tar()
                                .directory("d")
                                .file("d/.wh.gone", "")
                                .directory("opaque")
                                .file("opaque/.wh..wh..opq", "")
                                .file("opaque/new", "y"));
        layout.image("i", lower, upper);
        StoredImage image = pull("i");
        Path mount = Files.createDirectory(temp.resolve("mount"));

        Commands.run(
                "mount",
                "-t",
                "overlay",
                "overlay",
                "-o",
                "ro,lowerdir=" + image.layers().get(1) + ":" + image.layers().get(0),
                mount.toString());
        try {
            assertThat(Commands.run("find", mount.toString(), "-type", "f", "-printf", "%P\n"))
                    .satisfies(
                            found ->
                                    assertThat(found.lines())
                                            .containsExactlyInAnyOrder("d/kept", "opaque/new"));
        } finally {
            Commands.run("umount", mount.toString());
        }
    }

    private Path unpack(Tar tar) {
        layout.image("i", Layer.gzip(tar));
        return pull("i").layers().getFirst();
    }

    private StoredImage pull(String tag) {
        ResolvedImage image = cache.resolve(layout.reference(tag));
        cache.prefetch(image);
        return cache.open(image.digest());
    }

    /** All extended attributes, as getfattr writes them. */
    private static String attributes(Path file) {
        assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
        return Commands.run(
                "python3",
                "-c",
                """
                import os, sys
                for a in sorted(os.listxattr(sys.argv[1], follow_symlinks=False)):
                    v = os.getxattr(sys.argv[1], a, follow_symlinks=False)
                    print('%s="%s" %s' % (a, v.decode('latin1'), v.hex()))
                """,
                file.toString());
    }
}
