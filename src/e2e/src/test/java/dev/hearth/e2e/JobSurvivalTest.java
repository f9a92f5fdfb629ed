package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The platform's JVM is killed while a job runs: tasks that run go on, those that ended meanwhile
 * are known to have, and nothing runs twice.
 */
@Tag("root")
class JobSurvivalTest {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform = new Platform();
        platform.up();
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static List<Map<String, Object>> tasks(String execution) {
        return platform.admin().get("/executions/" + execution + "/tasks").jsonPath().getList("$");
    }

    private static List<String> instances(String execution) {
        return tasks(execution).stream().map(t -> t.get("instance").toString()).toList();
    }

    private static long count(String text) throws Exception {
        return platform.succeed("jobs", "logs", "work", "-n", "10000")
                .out()
                .lines()
                .filter(l -> l.endsWith(text))
                .count();
    }

    /** Two of these run at a time and take some seconds; the others wait for them. */
    @Test
    void jvmKilled_executionGoesOnAndEachTaskRunsOnce() throws Exception {
        platform.succeed(
                "jobs",
                "deploy",
                "work",
                "--image",
                Platform.image("busybox"),
                "--command=sh",
                "--args=-c",
                "--args=echo begun; sleep $((1 + CLOUD_RUN_TASK_INDEX % 2 * 30)); echo done",
                "--memory",
                "32Mi",
                "--cpu",
                "0.25",
                "--tasks",
                "4",
                "--parallelism",
                "2",
                "--max-retries",
                "0");
        String execution = platform.succeed("jobs", "run", "work").lastLine();
        Eventually.until(
                "two tasks run",
                WITHIN,
                () -> instances(execution).stream().filter(i -> !i.isEmpty()).count() >= 2);
        List<String> before = instances(execution);

        platform.killHard();
        Thread.sleep(Duration.ofSeconds(3)); // the short one ends while nobody is there
        platform.up();

        Eventually.until(
                "the execution is over",
                Duration.ofSeconds(150),
                () ->
                        !platform.admin()
                                .get("/executions/" + execution)
                                .jsonPath()
                                .getString("state")
                                .equals("running"));
        assertThat(platform.admin().get("/executions/" + execution).jsonPath().getString("state"))
                .as("%s", tasks(execution))
                .isEqualTo("succeeded");
        assertThat(instances(execution).subList(0, 2)).isEqualTo(before.subList(0, 2));
        assertThat(count("begun")).isEqualTo(4);
        assertThat(count("done")).isEqualTo(4);
    }
}
