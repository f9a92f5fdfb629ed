package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.SampleImages;
import io.restassured.RestAssured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A new version next to the old one: tried under its tag, given a share, taken back. */
@Tag("root")
class RolloutTest {
    private static Platform platform;
    private static String image;

    @BeforeAll
    static void start() throws Exception {
        image = "oci:" + SampleImages.layout(Platform.ROOT, "hello-c");
        platform = new Platform();
        platform.up();
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static Platform.Result deploy(String name, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("deploy", name, "--image", image));
        words.addAll(List.of(more));
        Platform.Result result = platform.hearth(words.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private static Platform.Result hearth(String... words) throws Exception {
        Platform.Result result = platform.hearth(words);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
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
        deploy("shop", "--revision-suffix", "blue");
        Platform.Result green =
                deploy("shop", "--revision-suffix", "green", "--no-traffic", "--tag", "next");
        assertThat(green.out())
                .contains("shop-green is deployed and gets 0 %", "http://next---shop.localhost:");

        assertThat(revision("shop")).isEqualTo("shop-blue");
        assertThat(revision("next---shop")).isEqualTo("shop-green");

        hearth("traffic", "shop", "--to", "shop-green=40", "shop-blue=60");
        Map<String, Integer> answers = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            answers.merge(revision("shop"), 1, Integer::sum);
        }
        // 200 tosses of 40 %: five standard deviations are 35
        assertThat(answers.get("shop-green")).isBetween(45, 115);
        assertThat(answers.keySet()).containsExactlyInAnyOrder("shop-blue", "shop-green");
        assertThat(hearth("revisions", "shop").out())
                .contains("shop-green (latest)", "40 %", "60 %", "next");

        hearth("traffic", "shop", "--to", "LATEST=100", "--untag", "next");
        assertThat(revision("shop")).isEqualTo("shop-green");
        assertThat(platform.get("next---shop", "/").statusCode()).isEqualTo(404);

        assertThat(hearth("rollback", "shop").out()).contains("shop-blue serves shop");
        assertThat(revision("shop")).isEqualTo("shop-blue");
        assertThat(platform.hearth("rollback", "shop").err()).contains("no earlier one");

        // what was rolled back to keeps the requests
        assertThat(deploy("shop", "--revision-suffix", "red").out())
                .contains("shop-red is deployed and gets 0 %");
        assertThat(revision("shop")).isEqualTo("shop-blue");
        hearth("revisions", "shop", "--delete", "shop-green");
        assertThat(hearth("revisions", "shop").out()).doesNotContain("shop-green");
        assertThat(platform.hearth("revisions", "shop", "--delete", "shop-red").code())
                .isEqualTo(2);
    }

    @Test
    void trafficMovesBackAndForth_underRequests_noneFails() throws Exception {
        deploy("busy", "--revision-suffix", "a");
        deploy("busy", "--revision-suffix", "b");
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
            hearth("traffic", "busy", "--to", "busy-a=100");
            assertThat(revision("busy")).isEqualTo("busy-a");
            hearth("traffic", "busy", "--to", "busy-b=100");
            assertThat(revision("busy")).isEqualTo("busy-b");
        }
        over.set(true);
        client.join();
        assertThat(wrong).isEmpty();
        assertThat(answered.get()).isGreaterThan(20);
    }

    @Test
    void privateService_onlyWithTheToken_alsoAfterALaterDeploy() throws Exception {
        deploy("secret", "--private");
        assertThat(platform.get("secret", "/").statusCode()).isEqualTo(401);
        deploy("secret");
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
        deploy("secret", "--public");
        assertThat(platform.get("secret", "/").statusCode()).isEqualTo(200);
    }

    @Test
    void wrongWishes_areRefusedAndChangeNothing() throws Exception {
        deploy("calm");
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
        assertThat(hearth("traffic", "calm").out()).contains("(LATEST)", "100 %");
    }
}
