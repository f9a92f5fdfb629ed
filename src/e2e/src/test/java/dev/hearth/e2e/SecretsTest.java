package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Secrets as their users have them, from the command to the container. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class SecretsTest {
    @TempDir private Path scratch;
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private Path file(String value) throws Exception {
        return Files.writeString(Files.createTempFile(scratch, "value", ""), value);
    }

    @Test
    void secret_inAVariable_latestWhenTheInstanceStarts_andNowhereElse() throws Exception {
        platform.succeed("secrets", "create", "e2e-db", "--file", file("n3edle-one").toString());
        platform.deploy("secretive", "--secret", "DB_PASSWORD=e2e-db");
        assertThat(platform.get("secretive", "/env").asString()).contains("DB_PASSWORD=n3edle-one");

        platform.succeed("secrets", "add", "e2e-db", "--file", file("n3edle-two").toString());
        platform.succeed("stop", "secretive");
        assertThat(platform.get("secretive", "/env").asString()).contains("DB_PASSWORD=n3edle-two");

        for (String[] reading :
                new String[][] {
                    {"describe", "secretive", "--json"},
                    {"secrets", "list", "--json"},
                    {"secrets", "versions", "e2e-db", "--json"},
                    {"audit", "--json"},
                    {"logs", "secretive"}
                }) {
            assertThat(platform.succeed(reading).out()).doesNotContain("n3edle");
        }
        assertThat(platform.succeed("describe", "secretive", "--json").out())
                .contains("DB_PASSWORD=e2e-db:latest");
        Process grep =
                new ProcessBuilder("grep", "-rlF", "--", "n3edle", platform.data.toString())
                        .redirectErrorStream(true)
                        .start();
        String found = new String(grep.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(found).isEmpty();

        Platform.Result used = platform.hearth("secrets", "delete", "e2e-db");
        assertThat(used.code()).isEqualTo(2);
        assertThat(used.err()).contains("secretive");
        platform.succeed("secrets", "disable", "e2e-db", "2");
        platform.succeed("stop", "secretive");
        assertThat(platform.get("secretive", "/env").statusCode()).isEqualTo(503);
        platform.succeed("delete", "secretive");
        platform.succeed("secrets", "delete", "e2e-db");
    }

    @Test
    void deploy_withASecretThatIsNot_refusedWithItsName() throws Exception {
        Platform.Result refused =
                platform.hearth(
                        "deploy",
                        "secretless",
                        "--image",
                        Platform.HELLO,
                        "--secret",
                        "A=e2e-none");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("e2e-none");
        assertThat(platform.services()).doesNotContain("secretless");
        assertThat(platform.hearth("secrets", "create", "e2e-x", "value").code()).isEqualTo(2);
    }
}
