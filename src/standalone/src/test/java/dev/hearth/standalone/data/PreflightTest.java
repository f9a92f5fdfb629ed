package dev.hearth.standalone.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
    @TempDir Path scratch;

    @Test
    void checkMachine_notLinuxOrNotRoot_isRefused() {
        assertReason(() -> Preflight.checkMachine("Mac OS X", true), "wrong-system");
        assertReason(() -> Preflight.checkMachine("Linux", false), "not-root");
        Preflight.checkMachine("Linux", true);
    }

    @Test
    void checkPort_taken_isRefusedNamingPortAndOption() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Preflight.checkPort(port, "--http-port", null))
                    .isInstanceOf(HearthException.class)
                    .hasMessageContaining("port " + port)
                    .hasMessageContaining("--http-port");
        }
    }

    @Test
    void open_newDirectory_isClosedToOthers() throws IOException {
        try (DataDirectory data = DataDirectory.open(scratch.resolve("a/b"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.root())))
                    .isEqualTo("rwx------");
            assertThat(data.logs()).isDirectory();
        }
    }

    @Test
    void open_heldAlready_isRefusedUntilItIsClosed() throws IOException {
        Path root = scratch.resolve("held");
        DataDirectory first = DataDirectory.open(root);
        assertReason(() -> DataDirectory.open(root), "already-running");
        first.close();
        DataDirectory.open(root).close();
    }

    @Test
    void open_aFileIsThere_isRefused() throws IOException {
        Path file = Files.createFile(scratch.resolve("file"));
        assertReason(() -> DataDirectory.open(file), "invalid-data-directory");
        assertReason(() -> DataDirectory.open(file.resolve("below")), "invalid-data-directory");
    }

    @Test
    void abandon_directoryMadeForNothing_isGone() throws IOException {
        Path root = scratch.resolve("for-nothing");
        DataDirectory.open(root).abandon();
        assertThat(root).doesNotExist();
    }

    @Test
    void abandon_directoryInUse_stays() throws IOException {
        Path root = scratch.resolve("used");
        DataDirectory data = DataDirectory.open(root);
        Files.writeString(root.resolve("precious"), "");
        data.abandon();
        assertThat(root.resolve("precious")).exists();
    }

    @Test
    void adminToken_askedTwice_isTheSameAndPrivate() throws IOException {
        String token = AdminToken.of(scratch);
        assertThat(token).hasSize(43).isEqualTo(AdminToken.of(scratch));
        Path file = scratch.resolve("admin-token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void adminToken_fileWithoutToken_isRefused() throws IOException {
        Files.writeString(scratch.resolve("admin-token"), "\n");
        assertReason(() -> AdminToken.of(scratch), "invalid-admin-token");
    }

    private static void assertReason(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String reason) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
