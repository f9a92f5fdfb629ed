package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that keep log-ins: shell scripts, on a path of the test's own. */
@Timeout(30)
class CredentialHelpersTest {
    private static final Duration LEFT = Duration.ofSeconds(20);

    @TempDir Path temp;

    @Test
    void get_helperHasALogIn_askedByTheProtocol() throws IOException {
        helper(
                "good",
                "echo \"$*:$(cat)\" > %s\n".formatted(temp.resolve("asked"))
                        + "echo '{\"ServerURL\":\"x\",\"Username\":\"me\",\"Secret\":\"s\"}'");

        assertThat(get("good")).contains(new Login.Password("me", "s"));
        assertThat(temp.resolve("asked")).hasContent("get:registry.example");
    }

    @Test
    void get_userNameThatMeansToken_identityToken() throws IOException {
        helper("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'");

        assertThat(get("token")).contains(new Login.IdentityToken("refresh"));
    }

    @Test
    void get_helperHasNone_empty() throws IOException {
        helper("none", "echo 'credentials not found in native keychain'; exit 1");
        helper("blank", "echo '{\"Username\":\"\",\"Secret\":\"\"}'");

        assertThat(get("none")).isEmpty();
        assertThat(get("blank")).isEmpty();
    }

    @Test
    void get_helperReadsNothing_itsAnswerCounts() throws IOException {
        helper("deaf", "exec <&-; echo '{\"Username\":\"me\",\"Secret\":\"s\"}'");

        assertThat(get("deaf")).isPresent();
    }

    @Test
    void get_helperFails_saidWithoutWhatItPrinted() throws IOException {
        helper("bad", "echo secret; echo secret >&2; exit 3");
        helper("garbage", "echo '{\"Username\":\"me\",\"Secret\":\"secret\"'");

        failed("bad", "ended with status 3");
        failed("garbage", "something else than JSON");
    }

    @Test
    void get_helperPrintsWithoutEnd_stopped() throws IOException {
        helper("flood", "exec yes secret");

        failed("flood", "more than 65536 bytes");
    }

    @Test
    void get_helperNeverEnds_killedWithItsChildren() throws Exception {
        Path pid = temp.resolve("pid");
        helper("slow", "sleep 100 & echo $! > " + pid + "; wait");

        // long enough for the helper to say who its child is, on a busy machine too
        assertThatThrownBy(() -> helpers().get("slow", "registry.example", Duration.ofSeconds(3)))
                .hasMessageContaining("did not end within 3000 ms");

        long child = Long.parseLong(Files.readString(pid).strip());
        Eventually.until(() -> ProcessHandle.of(child).isEmpty());
    }

    @Test
    void get_helperLeavesItsOutputOpen_endsInTime() throws IOException {
        helper("daemon", "setsid sleep 5 & echo '{\"Username\":\"me\",\"Secret\":\"s\"}'");
        long start = Clock.system().nanos();

        // the JDK hands over what a process that has ended printed, unless somebody reads by then
        try {
            assertThat(helpers().get("daemon", "registry.example", Duration.ofMillis(800)))
                    .contains(new Login.Password("me", "s"));
        } catch (HearthException late) {
            assertThat(late.sentence()).contains("did not end");
        }
        assertThat(Duration.ofNanos(Clock.system().nanos() - start))
                .isLessThan(Duration.ofSeconds(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/b", "Upper", "a b", "a;b", "$(x)", "missing"})
    void get_otherNameOrMissing_failed(String name) {
        assertThatThrownBy(() -> get(name))
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("credential-helper-failed");
    }

    @Test
    void on_relativeDirectories_leftOut() {
        assertThat(CredentialHelpers.on(":.:bin:/usr/bin::/bin").path())
                .isEqualTo(List.of(Path.of("/usr/bin"), Path.of("/bin")));
    }

    private void failed(String name, String why) {
        assertThatThrownBy(() -> get(name))
                .hasMessageContaining(why)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    private Optional<Login> get(String name) {
        return helpers().get(name, "registry.example", LEFT);
    }

    private CredentialHelpers helpers() {
        return new CredentialHelpers(List.of(temp.resolve("none"), temp));
    }

    private void helper(String name, String body) throws IOException {
        script(temp, name, body);
    }

    static void script(Path directory, String name, String body) throws IOException {
        Path file = directory.resolve("docker-credential-" + name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
