package dev.hearth.runtime.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserLookupTest {
    @TempDir Path scratch;
    private Path lower;
    private Path upper;

    @BeforeEach
    void layers() throws IOException {
        lower = Files.createDirectories(scratch.resolve("lower"));
        upper = Files.createDirectories(scratch.resolve("upper"));
        Files.createDirectories(lower.resolve("etc"));
        Files.writeString(
                lower.resolve("etc/passwd"),
                "root:x:0:0::/root:/bin/sh\nbroken line\napp:x:1000:1001::/home/app:/bin/sh\n");
        Files.writeString(lower.resolve("etc/group"), "app:x:1001:\naudio:x:29:app,other\n");
    }

    private UserLookup.User find(String user) throws IOException {
        return UserLookup.find(
                new StoredImage(
                        Digest.sha256("0".repeat(64)),
                        new ImageConfig(
                                List.of(), List.of(), List.of(), user, "", Set.of(), Map.of()),
                        List.of(lower, upper),
                        0));
    }

    @Test
    void find_name_itsIdsGroupsAndHome() throws IOException {
        assertThat(find("app"))
                .isEqualTo(new UserLookup.User(1000, 1001, List.of(29), "/home/app"));
        assertThat(find("1000")).isEqualTo(find("app"));
    }

    @Test
    void find_nobodyNamed_root() throws IOException {
        assertThat(find("").uid()).isZero();
        assertThat(find("").home()).isEqualTo("/root");
    }

    @Test
    void find_numberWithoutEntry_thatNumber() throws IOException {
        assertThat(find("10001:20002"))
                .isEqualTo(new UserLookup.User(10001, 20002, List.of(), "/"));
        assertThat(find("app:audio").gid()).isEqualTo(29);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "-1", "99999999999", "app:nogroup", "app:-5"})
    void find_neitherNameNorNumber_refused(String user) {
        assertThatThrownBy(() -> find(user))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("unknown-user"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil:x:-1:0::/:/bin/sh", // setresuid(-1) would leave root
                "evil:x:1:-1::/:/bin/sh",
                "evil:x:4294967295:1::/:/bin/sh",
                "evil:x:one:1::/:/bin/sh",
                "evil:x:1:1::/a\0LD_PRELOAD=b:/bin/sh"
            })
    void find_nameWithImpossibleEntry_refused(String line) throws IOException {
        Files.writeString(lower.resolve("etc/passwd"), line + "\n");
        assertThatThrownBy(() -> find("evil"))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("unknown-user"));
    }

    @Test
    void find_upperLayerReplacesTheFile_theUpperOneCounts() throws IOException {
        Files.createDirectories(upper.resolve("etc"));
        Files.writeString(upper.resolve("etc/passwd"), "app:x:7:8::/:/bin/sh\n");
        assertThat(find("app").uid()).isEqualTo(7);
    }

    @Test
    void find_passwdIsALinkToTheHosts_notFollowed() throws IOException {
        Files.createDirectories(upper.resolve("etc"));
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("/etc/passwd"));
        assertThatThrownBy(() -> find("daemon")).isInstanceOf(HearthException.class);
    }

    @Test
    void find_etcIsALinkToTheHosts_notFollowed() throws IOException {
        Files.createSymbolicLink(upper.resolve("etc"), Path.of("/etc"));
        assertThatThrownBy(() -> find("daemon")).isInstanceOf(HearthException.class);
    }
}
