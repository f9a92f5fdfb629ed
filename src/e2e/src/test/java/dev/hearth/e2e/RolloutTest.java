package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A new version next to the old one: tried under its tag, given a share, taken back. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class RolloutTest {
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    /** Which revision answers. */
    private static String revision(String host) {
        return platform.get(host, "/env")
                .asString()
                .lines()
                .filter(line -> line.startsWith("K_REVISION="))
                .findFirst()
                .orElseThrow()
                .substring("K_REVISION=".length());
    }

    @Test
    void tagShareAndRollback_asAUserLivesIt() throws Exception {
        platform.deploy("shop", "--revision-suffix", "blue");
        Platform.Result green =
                platform.deploy(
                        "shop", "--revision-suffix", "green", "--no-traffic", "--tag", "next");
        assertThat(green.out())
                .contains("shop-green is deployed and gets 0 %", "http://next---shop.localhost:");

        assertThat(revision("shop")).isEqualTo("shop-blue");
        assertThat(revision("next---shop")).isEqualTo("shop-green");

        platform.succeed("traffic", "shop", "--to", "shop-green=40", "shop-blue=60");
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            answers.merge(revision("shop"), 1, Integer::sum);
        }
        // 200 tosses of 40 %: five standard deviations are 35
        assertThat(answers.get("shop-green")).isBetween(45, 115);
        assertThat(answers.keySet()).containsExactlyInAnyOrder("shop-blue", "shop-green");
        assertThat(platform.succeed("revisions", "shop").out())
                .contains("shop-green (latest)", "40 %", "60 %", "next");

        platform.succeed("traffic", "shop", "--to", "LATEST=100", "--untag", "next");
        assertThat(revision("shop")).isEqualTo("shop-green");
        assertThat(platform.get("next---shop", "/").statusCode()).isEqualTo(404);

        assertThat(platform.succeed("rollback", "shop").out()).contains("shop-blue serves shop");
        assertThat(revision("shop")).isEqualTo("shop-blue");
        assertThat(platform.hearth("rollback", "shop").err()).contains("no earlier one");

        // what was rolled back to keeps the requests
        assertThat(platform.deploy("shop", "--revision-suffix", "red").out())
                .contains("shop-red is deployed and gets 0 %");
        assertThat(revision("shop")).isEqualTo("shop-blue");
        platform.succeed("revisions", "shop", "--delete", "shop-green");
        assertThat(platform.succeed("revisions", "shop").out()).doesNotContain("shop-green");
        assertThat(platform.hearth("revisions", "shop", "--delete", "shop-red").code())
                .isEqualTo(2);
    }

    @Test
    void trafficMovesBackAndForth_underRequests_noneFails() throws Exception {
        platform.deploy("busy", "--revision-suffix", "a");
        platform.deploy("busy", "--revision-suffix", "b");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<String> wrong = new ArrayList<>();
        Thread client =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    while (!over.get()) {
                                        int status = platform.get("busy", "/").statusCode();
                                        if (status != 200) {
                                            wrong.add("status " + status);
                                        }
                                        answered.incrementAndGet();
                                    }
                                });
        for (int i = 0; i < 3; i++) {
            platform.succeed("traffic", "busy", "--to", "busy-a=100");
            assertThat(revision("busy")).isEqualTo("busy-a");
            platform.succeed("traffic", "busy", "--to", "busy-b=100");
            assertThat(revision("busy")).isEqualTo("busy-b");
        }
        over.set(true);
        client.join();
        assertThat(wrong).isEmpty();
        assertThat(answered.get()).isGreaterThan(20);
    }

    @Test
    void privateService_onlyWithTheToken_alsoAfterALaterDeploy() throws Exception {
        platform.deploy("secret", "--private");
        assertThat(platform.get("secret", "/").statusCode()).isEqualTo(401);
        platform.deploy("secret");
        assertThat(platform.get("secret", "/").statusCode()).isEqualTo(401);
        assertThat(
                        RestAssured.given()
                                .header("Host", "secret.localhost")
                                .header(
                                        "Authorization",
                                        "Bearer " + platform.secret("invoker-token"))
                                .get("http://127.0.0.1:" + platform.httpPort + "/headers")
                                .asString()
                                .toLowerCase(Locale.ROOT))
                .contains("x-forwarded-for")
                .doesNotContain("authorization");
        platform.deploy("secret", "--public");
        assertThat(platform.get("secret", "/").statusCode()).isEqualTo(200);
    }

    @Test
    void wrongWishes_areRefusedAndChangeNothing() throws Exception {
        platform.deploy("calm");
        for (List<String> wish :
                List.of(
                        List.of("--to", "LATEST=99"),
                        List.of("--to", "calm-00007-xyz=100"),
                        List.of("--to", "LATEST"),
                        List.of("--tag", "Next=LATEST"),
                        List.of("--tag", "a---b=LATEST"))) {
            List<String> words = new ArrayList<>(List.of("traffic", "calm"));
            words.addAll(wish);
            Platform.Result result = platform.hearth(words.toArray(String[]::new));
            assertThat(result.code()).as(String.join(" ", words)).isEqualTo(2);
        }
        assertThat(platform.succeed("traffic", "calm").out()).contains("(LATEST)", "100 %");
    }
}
