package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Startup probes decide who is ready, liveness probes who stays. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class ProbesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    @Test
    void startup_passed_serves_andIsTold() throws Exception {
        platform.deploy(
                "eager",
                "--startup-probe",
                "http:/status?code=204,period=1s",
                "--liveness-probe",
                "tcp,period=1s");

        assertThat(platform.get("eager", "/").statusCode()).isEqualTo(200);
        assertThat(platform.succeed("describe", "eager").out())
                .contains("http:/status?code=204,period=1s", "tcp,period=1s");
    }

    @Test
    void startup_notPassed_getsNoTraffic() throws Exception {
        platform.deploy("picky");
        Platform.Result refused =
                platform.hearth(
                        "deploy",
                        "picky",
                        "--image",
                        Platform.HELLO,
                        "--startup-probe",
                        "http:/status?code=503,period=500ms,failures=4");

        assertThat(refused.code()).isNotZero();
        assertThat(refused.err())
                .contains("did not pass its startup probe http:/status?code=503", "within 2s");
        assertThat(platform.get("picky", "/").statusCode()).isEqualTo(200);
        assertThat(platform.succeed("revisions", "picky", "--json").out().split("\"name\""))
                .hasSize(2);
    }

    /** Every tenth answer is a 500: the tenth probe kills it, and another takes its place. */
    @Test
    void liveness_failed_isKilledAndReplaced() throws Exception {
        platform.deploy(
                "mortal",
                "--env",
                "HELLO_FAIL=10",
                "--min",
                "1",
                "--scaling",
                "idle-cpu=full",
                "--liveness-probe",
                "http:/,period=200ms,failures=1");
        String first = id();

        Eventually.until(
                () -> "another instance than " + first + ", of " + platform.instancesOf("mortal"),
                PATIENCE,
                () -> !id().isEmpty() && !id().equals(first));

        assertThat(platform.succeed("logs", "mortal").out())
                .contains("hearth: killed, because it failed its liveness probe http:/");
    }

    private static String id() {
        return platform.instancesOf("mortal").stream()
                .filter(i -> !i.get("state").equals("starting"))
                .map(i -> i.get("id").toString())
                .findFirst()
                .orElse("");
    }
}
