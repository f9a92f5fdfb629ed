package dev.hearth.imagecache.sbom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.StoredImages;
import dev.hearth.imagecache.fixture.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that rpm itself wrote, and ones that it never would. */
class RpmDatabaseTest {
    private static final String PLACE = "usr/lib/sysimage/rpm/rpmdb.sqlite";
    private static final String FEDORA = "ID=fedora\nVERSION_ID=40\n";

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
    @Tag("needs-tools")
    void of_databaseByRpm_itsPackages() throws Exception {
        JsonNode sbom =
                SbomsTest.sbom(
                        images.store(
                                new Tar()
                                        .file("etc/os-release", FEDORA)
                                        .symlink("var/lib/rpm", "../../usr/lib/sysimage/rpm"),
                                file(PLACE, databaseByRpm())));

        assertThat(SbomsTest.purls(sbom))
                .containsExactly(
                        "pkg:rpm/fedora/one@1.2-3?arch=noarch&distro=fedora-40&epoch=4"
                                + "&upstream=one-1.2-3.src.rpm",
                        "pkg:rpm/fedora/two%2B@2-1?arch=noarch&distro=fedora-40"
                                + "&upstream=two%2B-2-1.src.rpm");
        assertThat(sbom.at("/components/1/version").asText()).isEqualTo("4:1.2-3");
        assertThat(sbom.at("/components/1/licenses/0/expression").asText())
                .isEqualTo("MIT AND Apache-2.0");
        assertThat(sbom.at("/components/2/licenses/0/license/name").asText())
                .isEqualTo("GPLv2+ and whatever");
        assertThat(SbomsTest.properties(sbom)).containsExactly("hearth:sbom:os-packages=2");
    }

    @Test
    @Tag("needs-tools")
    void of_databaseAtAnOddName_foundThroughTheLink_andNothingIsWritten() throws Exception {
        StoredImage image =
                images.store(
                        new Tar().symlink("var/lib/rpm", "../../a?mode=rwc&x=%41#b"),
                        file("a?mode=rwc&x=%41#b/rpmdb.sqlite", databaseByRpm()));

        assertThat(SbomsTest.purls(SbomsTest.sbom(image))).hasSize(2);
        assertThat(image.layers().get(1).resolve("a?mode=rwc&x=%41#b"))
                .isDirectoryNotContaining("glob:**/*-{wal,shm,journal}");
    }

    @Test
    @Tag("needs-tools")
    void of_damagedDatabase_refused() throws Exception {
        byte[] sound = databaseByRpm();

        assertCorrupt(Arrays.copyOf(sound, sound.length / 3), "rpm database");
        assertCorrupt(
                "not SQLite at all".repeat(100).getBytes(StandardCharsets.UTF_8), "not a sound");
        byte[] holed = sound.clone();
        Arrays.fill(holed, 4096, holed.length, (byte) 0xff);
        assertCorrupt(holed, "rpm database");
    }

    @Test
    void of_hostileDatabase_refused() throws Exception {
        assertCorrupt(sqlite("CREATE TABLE other (x)"), "no table Packages");
        assertCorrupt(
                sqlite(
                        "CREATE VIEW Packages AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT"
                                + " n + 1 FROM t) SELECT n AS blob FROM t"),
                "no table Packages");
        assertCorrupt(
                sqlite(
                        "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, x, blob BLOB AS"
                                + " (zeroblob(1000000000)))",
                        "INSERT INTO Packages (x) VALUES (1)"),
                "not a sound rpm database");
        assertCorrupt(
                sqlite(
                        "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)",
                        "INSERT INTO Packages (blob) VALUES (x'7fffffff7fffffff')"),
                "damaged package header");
        assertCorrupt(
                sqlite(
                        "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)",
                        "INSERT INTO Packages (blob) VALUES (NULL)"),
                "damaged package header");
        assertCorrupt(
                sqlite(
                        "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)",
                        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT"
                                + " 50000) INSERT INTO Packages SELECT n, x'"
                                + "0000000100000002" // one entry, two bytes of data
                                + "000003e8000000060000000000000001" // the name, a string
                                + "7800' FROM t"),
                "more packages than it can hold");
    }

    @Test
    void of_databaseWithUnwrittenChanges_saysTheListIsNotComplete() throws Exception {
        JsonNode sbom =
                SbomsTest.sbom(
                        images.store(
                                file(
                                        PLACE,
                                        sqlite(
                                                "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY,"
                                                        + " blob BLOB)")),
                                new Tar().file(PLACE + "-wal", "changes")));

        assertThat(SbomsTest.properties(sbom))
                .anyMatch(
                        p ->
                                p.startsWith(
                                        "hearth:sbom:not-read=/usr/lib/sysimage/rpm/rpmdb.sqlite-wal"));
    }

    @Test
    void of_olderFormats_namedAsNotRead() throws Exception {
        JsonNode sbom =
                SbomsTest.sbom(
                        images.store(
                                new Tar()
                                        .file("var/lib/rpm/Packages", "Berkeley")
                                        .file("usr/lib/sysimage/rpm/Packages.db", "ndb")));

        assertThat(SbomsTest.properties(sbom))
                .containsExactly(
                        "hearth:sbom:os-packages=0",
                        "hearth:sbom:not-read=/usr/lib/sysimage/rpm/Packages.db: an rpm database in"
                                + " the ndb format",
                        "hearth:sbom:not-read=/var/lib/rpm/Packages: an rpm database in the"
                                + " Berkeley DB format");
    }

    private void assertCorrupt(byte[] database, String why) {
        StoredImage image = images.store(file(PLACE, database));
        assertThatThrownBy(() -> Sboms.of(image, "oci:/i", Instant.EPOCH))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("corrupt-image"))
                .hasMessageContaining(why);
    }

    private static Tar file(String name, byte[] content) {
        return new Tar().entry('0', name, "", 0644, 0, 0, content);
    }

    private byte[] sqlite(String... statements) throws Exception {
        Path file = Files.createTempDirectory(temp, "sqlite-").resolve("db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
        return Files.readAllBytes(file);
    }

    /** Two packages, built by rpmbuild and entered by rpm. */
    private byte[] databaseByRpm() throws IOException {
        Commands.need("rpmbuild", "rpm");
        Path work = Files.createTempDirectory(temp, "rpm-");
        String header =
                """
                Name: %s
                Version: %s
                Release: %s
                Summary: x
                License: %s
                BuildArch: noarch
                %s
                %%description
                x
                %%files
                """;
        Path one = work.resolve("one.spec");
        Path two = work.resolve("two.spec");
        Files.writeString(
                one, header.formatted("one", "1.2", "3", "MIT AND Apache-2.0", "Epoch: 4"));
        Files.writeString(two, header.formatted("two+", "2", "1", "GPLv2+ and whatever", ""));
        String top = "_topdir " + work.resolve("top");
        Commands.run("rpmbuild", "-bb", "--quiet", "--define", top, one.toString(), two.toString());
        Path rpms = work.resolve("top/RPMS/noarch");
        Commands.run(
                "rpm",
                "--dbpath",
                work.resolve("db").toString(),
                "--justdb",
                "--nodeps",
                "-i",
                rpms.resolve("one-1.2-3.noarch.rpm").toString(),
                rpms.resolve("two+-2-1.noarch.rpm").toString());
        return Files.readAllBytes(work.resolve("db/rpmdb.sqlite"));
    }
}
