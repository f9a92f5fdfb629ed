package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import io.restassured.path.json.JsonPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Jobs as a user of the command line has them. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class JobsTest {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static String image;
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
        image = Platform.image("busybox");
    }

    private static void deploy(String name, String script, String... more) throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "jobs",
                                "deploy",
                                name,
                                "--image",
                                image,
                                "--command=sh",
                                "--args=-c",
                                "--args=" + script,
                                "--memory",
                                "32Mi",
                                "--cpu",
                                "0.25"));
        words.addAll(List.of(more));
        platform.succeed(words.toArray(String[]::new));
    }

    private static List<Map<String, Object>> tasks(String execution) {
        return platform.admin().get("/executions/" + execution + "/tasks").jsonPath().getList("$");
    }

    private static String state(String execution) {
        return platform.admin().get("/executions/" + execution).jsonPath().getString("state");
    }

    private static void awaitState(String execution, String state) throws InterruptedException {
        Eventually.until(execution + " is " + state, WITHIN, () -> state(execution).equals(state));
    }

    private static String logs(String job) throws Exception {
        return platform.succeed("jobs", "logs", job).out();
    }

    @Test
    void run_tasksInParallel_eachOnceWithItsOwnNames() throws Exception {
        deploy(
                "many",
                "echo $CLOUD_RUN_JOB $CLOUD_RUN_EXECUTION $CLOUD_RUN_TASK_INDEX of"
                        + " $CLOUD_RUN_TASK_COUNT attempt $CLOUD_RUN_TASK_ATTEMPT port $PORT.",
                "--tasks",
                "6",
                "--parallelism",
                "3");

        Platform.Result run = platform.succeed("jobs", "run", "many", "--wait");

        String execution = run.lastLine();
        assertThat(run.err()).contains(execution + " succeeded: 6 of 6 tasks succeeded");
        assertThat(tasks(execution))
                .hasSize(6)
                .allSatisfy(
                        t -> {
                            assertThat(t.get("state")).isEqualTo("succeeded");
                            assertThat(t.get("exitCode")).isEqualTo(0);
                            assertThat(t.get("attempt")).isEqualTo(0);
                            assertThat((String) t.get("instance")).startsWith("i-");
                        });
        String logs = logs("many");
        for (int i = 0; i < 6; i++) {
            assertThat(logs)
                    .containsOnlyOnce("many " + execution + " " + i + " of 6 attempt 0 port .");
        }
        assertThat(platform.succeed("jobs", "list").out()).containsPattern("many +6 .*succeeded");
        assertThat(platform.succeed("jobs", "describe", "many").out()).contains(execution);
        assertThat(platform.succeed("jobs", "executions", "many").out()).contains(execution);
        assertThat(platform.instances("job--many")).isZero();
    }

    @Test
    void run_taskFails_isTriedAsOftenAsRetriesSay() throws Exception {
        deploy("fails", "echo attempt $CLOUD_RUN_TASK_ATTEMPT; exit 7", "--max-retries", "2");

        Platform.Result run = platform.hearth("jobs", "run", "fails", "--wait");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("1 of 1 tasks failed; task 0 exited with status 7");
        assertThat(logs("fails"))
                .containsOnlyOnce("attempt 0")
                .containsOnlyOnce("attempt 1")
                .containsOnlyOnce("attempt 2")
                .doesNotContain("attempt 3");
        assertThat(
                        platform.succeed("jobs", "describe", "fails", "--execution", run.lastLine())
                                .out())
                .containsPattern("0 +failed +2 +7 ");
    }

    @Test
    void run_taskFailsOnce_succeedsAtLast() throws Exception {
        deploy("flaky", "[ $CLOUD_RUN_TASK_ATTEMPT = 1 ]");
        Platform.Result run = platform.succeed("jobs", "run", "flaky", "--wait");
        assertThat(tasks(run.lastLine()).getFirst().get("attempt")).isEqualTo(1);
    }

    @Test
    void run_overItsTimeout_fails() throws Exception {
        deploy("slow", "exec sleep 600", "--timeout", "1s", "--max-retries", "0");
        Platform.Result run = platform.hearth("jobs", "run", "slow", "--wait");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("took longer than its timeout");
    }

    @Test
    void run_noSuchCommand_failsWithTheReason() throws Exception {
        platform.succeed(
                "jobs",
                "deploy",
                "nothing",
                "--image",
                image,
                "--command=/no/such",
                "--max-retries",
                "0");
        Platform.Result run = platform.hearth("jobs", "run", "nothing", "--wait");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("could not be started").contains("is not in the image");
    }

    @Test
    void run_overrides_areForThatExecution() throws Exception {
        deploy("greets", "echo hello $WHO", "--env", "WHO=world");
        platform.succeed("jobs", "run", "greets", "--wait", "--env", "WHO=moon", "--tasks", "2");
        platform.succeed("jobs", "run", "greets", "--wait");
        assertThat(logs("greets").lines().filter(l -> l.endsWith("hello moon"))).hasSize(2);
        assertThat(logs("greets").lines().filter(l -> l.endsWith("hello world"))).hasSize(1);
    }

    @Test
    void secrets_inAVariableAndAFile_areWhatTheyAreWhenAnAttemptStarts() throws Exception {
        Path value = Files.writeString(Files.createTempFile("hearth-e2e-", ".secret"), "s3cret-1");
        try {
            platform.succeed("secrets", "create", "e2e-job", "--file", value.toString());
            Files.writeString(value, "s3cret-two");
            platform.succeed("secrets", "add", "e2e-job", "--file", value.toString());
            // each attempt is told them, the second one too
            deploy(
                    "told",
                    "echo $CLOUD_RUN_TASK_ATTEMPT: ${#KEY} and $(wc -c </run/keys/key);"
                            + " [ $CLOUD_RUN_TASK_ATTEMPT = 1 ]",
                    "--secret",
                    "KEY=e2e-job",
                    "--secret",
                    "/run/keys/key=e2e-job:1",
                    "--max-retries",
                    "1");
            assertThat(platform.succeed("jobs", "describe", "told", "--json").out())
                    .contains("KEY=e2e-job:latest", "/run/keys/key=e2e-job:1")
                    .doesNotContain("s3cret");
            platform.succeed("jobs", "run", "told", "--wait");
            assertThat(logs("told")).contains("0: 10 and 8", "1: 10 and 8");

            assertThat(platform.hearth("secrets", "delete", "e2e-job").err())
                    .contains("job \"told\" asks for");
            platform.succeed("secrets", "disable", "e2e-job", "1");
            Platform.Result run = platform.hearth("jobs", "run", "told", "--wait");
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains("could not be started", "e2e-job", "is disabled");
            platform.succeed("jobs", "delete", "told");
            platform.succeed("secrets", "delete", "e2e-job");
        } finally {
            Files.delete(value);
        }
    }

    @Test
    void cancel_stopsWhatRunsAndBeginsNothing() throws Exception {
        deploy(
                "endless",
                "trap 'echo told; exit 0' TERM; while :; do sleep 0.1; done",
                "--tasks",
                "3",
                "--parallelism",
                "1");
        String execution = platform.succeed("jobs", "run", "endless").lastLine();
        Eventually.until(
                "a task runs",
                WITHIN,
                () -> tasks(execution).getFirst().get("instance").toString().startsWith("i-"));

        platform.succeed("jobs", "cancel", execution);
        awaitState(execution, "cancelled");

        assertThat(tasks(execution)).extracting(t -> t.get("state")).endsWith("cancelled");
        platform.succeed("jobs", "delete", "endless");
        assertThat(platform.admin().get("/jobs/endless").statusCode()).isEqualTo(404);
        assertThat(platform.admin().get("/executions/" + execution).statusCode()).isEqualTo(404);
    }

    @Test
    void schedule_runsByItself() throws Exception {
        deploy("ticks", "echo tick", "--schedule", "* * * * *", "--zone", "Europe/Berlin");
        assertThat(platform.succeed("jobs", "list").out()).contains("* * * * * Europe/Berlin");
        Eventually.until(
                "it runs by its schedule",
                Duration.ofSeconds(150),
                () ->
                        platform.admin()
                                .get("/jobs/ticks/executions")
                                .jsonPath()
                                .getList("findAll { it.scheduledFor != null }.state")
                                .contains("succeeded"));
        platform.succeed("jobs", "delete", "ticks");
    }

    @Test
    void bill_hasAMinuteForEachTaskAtLeast() throws Exception {
        deploy("billed", "true", "--tasks", "2");
        platform.succeed("jobs", "run", "billed", "--wait");
        Eventually.until("both tasks are billed", WITHIN, () -> seconds("job--billed") >= 120);
        assertThat(seconds("job--billed")).isEqualTo(120);

        String bill = platform.succeed("usage", "job--billed", "--items", "--json").out();
        JsonPath items = JsonPath.from(bill);
        assertThat(items.getList("items.kind")).containsExactly("task", "task");
        assertThat(items.getList("items.status")).containsExactly(0, 0);
        assertThat(items.getList("items.billedNanos", Long.class))
                .containsExactly(60_000_000_000L, 60_000_000_000L);
        assertThat(items.getLong("notItemised.billedNanos")).isZero();
        assertThat(items.getDouble("notItemised.cost")).isZero();
        assertThat(items.getLong("bill.billedNanos")).isEqualTo(120_000_000_000L);
        assertThat(platform.succeed("usage", "job--billed", "--items").out())
                .contains("-0-0", "-1-0", "bill");
    }

    private static double seconds(String service) {
        return platform.admin()
                .queryParam("service", service)
                .queryParam("to", java.time.Instant.now().plusSeconds(3600).toString())
                .get("/usage")
                .jsonPath()
                .getDouble("total.billedSeconds");
    }

    @Test
    void deploy_whatCannotBe_isRefusedWithTheReason() throws Exception {
        Platform.Result tasks =
                platform.hearth("jobs", "deploy", "x", "--image", image, "--tasks", "10001");
        assertThat(tasks.code()).isEqualTo(2);
        assertThat(tasks.err()).contains("10001 is not between 1 and 10000");
        Platform.Result cron =
                platform.hearth(
                        "jobs", "deploy", "x", "--image", image, "--schedule", "61 * * * *");
        assertThat(cron.code()).isEqualTo(2);
        assertThat(cron.err()).contains("\"61\" is no minute");
        Platform.Result env =
                platform.hearth(
                        "jobs", "deploy", "x", "--image", image, "--env", "CLOUD_RUN_JOB=y");
        assertThat(env.code()).isEqualTo(2);
        assertThat(env.err()).contains("CLOUD_RUN_JOB is set by the platform");
        assertThat(platform.hearth("jobs", "run", "no-such").err()).contains("no job \"no-such\"");
    }
}
