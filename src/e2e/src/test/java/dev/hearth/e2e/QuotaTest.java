package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.DataSize;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.SampleImages;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A project's quota as those who run jobs and push images in it meet it. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class QuotaTest {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final String PROJECT = "bounded";

    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) throws Exception {
        platform = shared;
        succeed("projects", "create", PROJECT);
    }

    @AfterAll
    static void stop() throws Exception {
        in("delete", "shop");
        in("jobs", "delete", "sleeper");
        succeed("projects", "delete", PROJECT);
    }

    private static Platform.Result succeed(String... words) throws Exception {
        return platform.succeed(words);
    }

    private static String[] inProject(String... words) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--project";
        all[words.length + 1] = PROJECT;
        return all;
    }

    /** A command for the project. */
    private static Platform.Result in(String... words) throws Exception {
        return platform.hearth(inProject(words));
    }

    private static Platform.Result succeedIn(String... words) throws Exception {
        return platform.succeed(inProject(words));
    }

    private static JsonPath execution(String name) {
        return platform.admin()
                .header("X-Hearth-Project", PROJECT)
                .get("/executions/" + name)
                .jsonPath();
    }

    /** One service's instance and one task fill it: the second task waits for the first. */
    @Test
    void tasks_beyondTheQuota_waitSayWhyAndRunWhenThereIsRoom() throws Exception {
        platform.deploy("shop", "--project", PROJECT, "--cpu", "500m", "--idle", "10m");
        assertThat(platform.get("shop." + PROJECT, "/").statusCode()).isEqualTo(200);
        succeedIn("quota", "--instances", "2");
        succeedIn( // for longer than between two looks for what nobody wants
                "jobs",
                "deploy",
                "sleeper",
                "--image",
                Platform.image("busybox"),
                "--command=sh",
                "--args=-c",
                "--args=sleep 7",
                "--cpu",
                "0.25",
                "--memory",
                "32Mi",
                "--tasks",
                "2");
        String name = succeedIn("jobs", "run", "sleeper").lastLine();
        Eventually.until(
                "one runs and one waits",
                WITHIN,
                () ->
                        execution(name).getInt("running") == 1
                                && execution(name).getInt("waiting") == 1
                                && !execution(name).getString("message").isEmpty());
        assertThat(succeedIn("jobs", "describe", "sleeper").out())
                .contains("tasks wait: a task of the job \"sleeper\"", "quota of 2 instances");
        assertThat(succeedIn("jobs", "describe", "sleeper", "--execution", name).out())
                .contains("hearth quota");
        Eventually.until(
                "both were done, one after the other",
                WITHIN,
                () -> execution(name).getString("state").equals("succeeded"));
        assertThat(execution(name).getInt("retried")).isZero();
        assertThat(execution(name).getString("message")).isEmpty();
        succeedIn("quota", "--instances", "none");
    }

    /** What skopeo pushes, and what {@code deploy} sends of a layout on this machine. */
    @Test
    void images_beyondTheStorageQuota_areRefusedWithWhatToDo() throws Exception {
        String token =
                succeedIn("tokens", "create", "pusher-" + PROJECT, "--role", "deployer").lastLine();
        succeedIn("quota", "--storage", "1Mi");
        Platform.Result small = push("hello-c", token, "/hello:v1");
        assertThat(small.code()).as(small.err()).isZero();
        assertThat(succeedIn("quota").out())
                .contains("storage 1Mi", "used: services ")
                .doesNotContain("storage 0");
        long used = used();
        assertThat(used).isPositive();

        Platform.Result large = push("busybox", token, "/busybox:v1");
        assertThat(large.code()).isNotZero();
        assertThat(large.err())
                .contains("storage quota of the project", PROJECT, "hearth quota --storage");
        Platform.Result sent =
                in("deploy", "sent", "--image", SampleImages.layout(Platform.ROOT, "busybox") + "");
        assertThat(sent.code()).isNotZero();
        assertThat(sent.err()).contains("storage quota of the project", "hearth quota --storage");
        assertThat(used()).isEqualTo(used);

        succeedIn("quota", "--storage", "none");
        Platform.Result again = push("busybox", token, "/busybox:v1");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(used()).isGreaterThan(1 << 20);
    }

    private static long used() {
        String storage =
                platform.admin()
                        .header("X-Hearth-Project", PROJECT)
                        .get("/quota")
                        .jsonPath()
                        .getString("used.storage");
        return DataSize.parse(storage).bytes();
    }

    private static Platform.Result push(String sample, String token, String image)
            throws Exception {
        return Platform.run(
                List.of(
                        "skopeo",
                        "copy",
                        "--insecure-policy",
                        "--dest-tls-verify=false",
                        "--dest-creds=hearth:" + token,
                        "oci:" + SampleImages.layout(Platform.ROOT, sample) + ":latest",
                        "docker://localhost:" + platform.httpPort + "/" + PROJECT + image));
    }
}
