package dev.hearth.imagecache.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.fixture.StoredImages;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.testing.SampleImages;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents made of images that went the whole way into a cache. */
class SbomsTest {
    private static final Instant WHEN = Instant.parse("2026-01-02T03:04:05Z");
    private static final String REFERENCE = "registry.example/team/app:1";

    private static final String DEBIAN =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";

    private static final String DPKG =
            """
            Package: libstdc++6
            Status: install ok installed
            Architecture: amd64
            Source: gcc-12 (12.2.0-14)
            Version: 12.2.0-14+deb12u1
            Description: GNU Standard C++ Library v3
             Version: 9.9 is not a field, this line goes on

            Package: login
            Status: install ok half-configured
            Architecture: amd64
            Version: 1:4.13+dfsg1-1

            Package: removed
            Status: deinstall ok config-files
            Architecture: amd64
            Version: 1

            Package: never
            Status: unknown ok not-installed
            """;

    private static final String APK =
            """
            C:Q1abc=
            P:musl
            V:1.2.4_git20230717-r4
            A:x86_64
            L:MIT
            o:musl

            P:libcrypto3
            V:3.1.4-r5
            A:x86_64
            L:Apache-2.0 AND (MIT OR GPL-2.0-only WITH Classpath-exception-2.0)
            o:openssl

            P:odd
            V:1-r0
            A:x86_64
            L:custom AND MIT
            """;

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
    void of_dpkg_installedPackagesWithTheirUrls() throws Exception {
        JsonNode sbom =
                sbom(
                        images.store(
                                new Tar()
                                        .file("usr/lib/os-release", DEBIAN)
                                        .symlink("etc/os-release", "../usr/lib/os-release")
                                        .file("var/lib/dpkg/status", DPKG)));

        assertThat(purls(sbom))
                .containsExactly(
                        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64"
                                + "&distro=debian-12&upstream=gcc-12%4012.2.0-14",
                        "pkg:deb/debian/login@1%3A4.13%2Bdfsg1-1?arch=amd64&distro=debian-12");
        JsonNode os = sbom.at("/components/0");
        assertThat(os.at("/type").asText()).isEqualTo("operating-system");
        assertThat(os.at("/name").asText()).isEqualTo("debian");
        assertThat(os.at("/version").asText()).isEqualTo("12");
    }

    @Test
    void of_image_namedWithItsDigest() throws Exception {
        StoredImage image = images.store(new Tar().file("f", "x"));
        JsonNode sbom = sbom(image);

        JsonNode component = sbom.at("/metadata/component");
        assertThat(component.at("/type").asText()).isEqualTo("container");
        assertThat(component.at("/name").asText()).isEqualTo(REFERENCE);
        assertThat(component.at("/version").asText()).isEqualTo(image.digest().value());
        assertThat(component.at("/hashes/0/content").asText()).isEqualTo(image.digest().hex());
        assertThat(component.at("/purl").asText())
                .startsWith("pkg:oci/app@sha256%3A" + image.digest().hex())
                .contains("repository_url=registry.example%2Fteam%2Fapp", "tag=1");
        assertThat(sbom.at("/metadata/timestamp").asText()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(sbom.at("/components").size()).isZero();
        assertThat(properties(sbom)).containsExactly("hearth:sbom:os-packages=0");
    }

    @Test
    void of_sameImageTwice_sameBytesButForTheTime() {
        StoredImage image = images.store(new Tar().file("var/lib/dpkg/status", DPKG));

        assertThat(Sboms.of(image, REFERENCE, WHEN)).isEqualTo(Sboms.of(image, REFERENCE, WHEN));
        assertThat(lines(Sboms.of(image, REFERENCE, WHEN.plusSeconds(60))))
                .zipSatisfy(
                        lines(Sboms.of(image, REFERENCE, WHEN)),
                        (later, first) -> {
                            if (!first.contains("\"timestamp\"")) {
                                assertThat(later).isEqualTo(first);
                            }
                        });
    }

    @Test
    void of_distroless_oneFileAPackage() throws Exception {
        JsonNode sbom =
                sbom(
                        images.store(
                                new Tar()
                                        .file(
                                                "var/lib/dpkg/status.d/base",
                                                "Package: base-files\nVersion: 12.4\n"
                                                        + "Architecture: amd64\n")
                                        .file("var/lib/dpkg/status.d/base.md5sums", "0a  etc/x\n"),
                                new Tar()
                                        .file(
                                                "var/lib/dpkg/status.d/tzdata",
                                                "Package: tzdata\nVersion: 2024a\n"
                                                        + "Architecture: all\n")));

        assertThat(purls(sbom))
                .containsExactly(
                        "pkg:deb/debian/base-files@12.4?arch=amd64",
                        "pkg:deb/debian/tzdata@2024a?arch=all");
    }

    @Test
    void of_apk_licencesAsIdExpressionOrName() throws Exception {
        JsonNode sbom =
                sbom(
                        images.store(
                                new Tar()
                                        .file("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n")
                                        .file("lib/apk/db/installed", APK)));

        assertThat(purls(sbom))
                .containsExactly(
                        "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1"
                                + "&upstream=openssl",
                        "pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64"
                                + "&distro=alpine-3.19.1",
                        "pkg:apk/alpine/odd@1-r0?arch=x86_64&distro=alpine-3.19.1");
        assertThat(sbom.at("/components/1/licenses/0/expression").asText())
                .isEqualTo("Apache-2.0 AND (MIT OR GPL-2.0-only WITH Classpath-exception-2.0)");
        assertThat(sbom.at("/components/2/licenses/0/license/id").asText()).isEqualTo("MIT");
        assertThat(sbom.at("/components/3/licenses/0/license/name").asText())
                .isEqualTo("custom AND MIT");
    }

    @Test
    void of_apkUnderTwoNames_eachPackageOnce() throws Exception {
        JsonNode sbom =
                sbom(
                        images.store(
                                new Tar()
                                        .file("usr/lib/apk/db/installed", APK)
                                        .symlink("lib", "usr/lib")));

        assertThat(purls(sbom)).hasSize(3);
    }

    @Test
    void of_upperLayerUpgradesAndRemoves_whatTheContainerSees() throws Exception {
        Tar lower =
                new Tar()
                        .file("var/lib/dpkg/status", DPKG)
                        .file("lib/apk/db/installed", APK)
                        .file("etc/os-release", DEBIAN);
        Tar upper =
                new Tar()
                        .file(
                                "var/lib/dpkg/status",
                                "Package: new\nStatus: install ok installed\nVersion: 2\n")
                        .file("lib/apk/db/.wh.installed", "");

        assertThat(purls(sbom(images.store(lower, upper))))
                .containsExactly("pkg:deb/debian/new@2?distro=debian-12");
        assertThat(purls(sbom(images.store(lower, new Tar().file("var/lib/.wh.dpkg", "")))))
                .hasSize(3)
                .allMatch(purl -> purl.startsWith("pkg:apk/"));
    }

    @Test
    @Tag("needs-tools")
    void of_sampleImageOfDebian_asItsOwnDpkgSays() throws Exception {
        Path layout = SampleImages.layout(Path.of(System.getProperty("hearth.root")), "flask");
        StoredImage image = images.store("oci:" + layout);
        JsonNode sbom = sbom(image);

        List<String> expected = new ArrayList<>();
        for (Path layer : image.layers().reversed()) {
            Path status = layer.resolve("var/lib/dpkg/status");
            if (Files.exists(status) && expected.isEmpty()) {
                Files.lines(status)
                        .filter(line -> line.startsWith("Package: "))
                        .forEach(line -> expected.add(line.substring("Package: ".length())));
            }
        }
        List<String> found = new ArrayList<>();
        sbom.at("/components").forEach(c -> found.add(c.at("/name").asText()));
        found.removeFirst(); // the distribution
        assertThat(expected).hasSizeGreaterThan(50);
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(purls(sbom))
                .anyMatch(purl -> purl.matches("pkg:deb/debian/python3-flask@.*distro=debian-.*"));
    }

    @Test
    void of_databaseIsLinkToTheHost_nothingOfTheHost() throws Exception {
        assertThat(Path.of("/var/lib/dpkg/status")).exists(); // what must not be read

        assertThat(purls(sbom(images.store(new Tar().symlink("var", "/proc/self/root/var")))))
                .isEmpty();
        assertThat(
                        purls(
                                sbom(
                                        images.store(
                                                new Tar()
                                                        .symlink(
                                                                "var/lib/dpkg",
                                                                "../../../../../../../host")
                                                        .directory("host")))))
                .isEmpty();
    }

    @Test
    void of_hostileDatabase_refusedWithAReason() throws Exception {
        assertCorrupt(
                images.store(
                        new Tar().entry('6', "var/lib/dpkg/status", "", 0600, 0, 0, new byte[0])),
                "its /var/lib/dpkg/status is not a regular file");
        assertCorrupt(
                images.store(new Tar().symlink("etc/os-release", "os-release")),
                "its /etc/os-release is a loop of symbolic links");
        assertCorrupt(
                images.store(
                        new Tar().file("lib/apk/db/installed", "P:" + "x".repeat(10_000) + "\n")),
                "too long to be one");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i <= Inventory.MOST_PACKAGES; i++) {
            many.append("P:p").append(i).append("\n\n");
        }
        assertCorrupt(
                images.store(new Tar().file("lib/apk/db/installed", many.toString())),
                "more than 20000 packages");
    }

    @Test
    void of_hugeDatabase_refusedUnread() throws IOException {
        StoredImage image = images.store(new Tar().file("var/lib/dpkg/status", "x"));
        Path status = image.layers().getFirst().resolve("var/lib/dpkg/status");
        try (RandomAccessFile file = new RandomAccessFile(status.toFile(), "rw")) {
            file.setLength(1L << 40); // sparse
        }

        assertCorrupt(image, "has 1099511627776 bytes; the most is 67108864");
    }

    @Test
    void of_namesOfAnyCharacters_soundDocument() throws Exception {
        JsonNode sbom =
                sbom(
                        images.store(
                                new Tar()
                                        .file("etc/os-release", "ID=\"Not An Id?&\"\n")
                                        .file(
                                                "lib/apk/db/installed",
                                                "P:a/../b?c=d&e\"\u0001z\nV:<1>\nA:é\nL:\"{}\n")));

        assertThat(sbom.at("/components/0/name").asText()).isEqualTo("a/../b?c=d&e\"\u0001z");
        assertThat(purls(sbom)).allMatch(purl -> purl.startsWith("pkg:apk/alpine/a%2F..%2Fb%3F"));
    }

    private static void assertCorrupt(StoredImage image, String why) {
        assertThatThrownBy(() -> Sboms.of(image, REFERENCE, WHEN))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("corrupt-image"))
                .hasMessageContaining(why);
    }

    /** The document, after CycloneDX's own schema found it sound. */
    static JsonNode sbom(StoredImage image) throws Exception {
        byte[] document = Sboms.of(image, REFERENCE, WHEN);
        assertThat(new JsonParser().validate(document, Version.VERSION_16)).isEmpty();
        return new ObjectMapper().readTree(document);
    }

    static List<String> purls(JsonNode sbom) {
        List<String> purls = new ArrayList<>();
        sbom.at("/components")
                .forEach(
                        component -> {
                            if (component.has("purl")) {
                                purls.add(component.at("/purl").asText());
                            }
                        });
        return purls;
    }

    static List<String> properties(JsonNode sbom) {
        List<String> properties = new ArrayList<>();
        sbom.at("/metadata/properties")
                .forEach(
                        p ->
                                properties.add(
                                        p.at("/name").asText() + "=" + p.at("/value").asText()));
        return properties;
    }

    private static List<String> lines(byte[] text) {
        return new String(text, java.nio.charset.StandardCharsets.UTF_8).lines().toList();
    }
}
