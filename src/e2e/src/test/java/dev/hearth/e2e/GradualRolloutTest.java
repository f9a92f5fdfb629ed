package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Requests move to a new revision step by step, and back when it is worse than the old one. */
@Tag("root")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GradualRolloutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
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

    /** Clients that call a service now and then; counts answers by their status. */
    private static final class Load implements AutoCloseable {
        private final Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Thread> clients = new ArrayList<>();

        Load(String service) {
            for (int i = 0; i < 3; i++) {
                clients.add(Thread.ofVirtual().start(() -> call(service)));
            }
        }

        private void call(String service) {
            try {
                while (!over.get()) {
                    int status = platform.get(service, "/").statusCode();
                    answers.computeIfAbsent(status, s -> new AtomicInteger()).incrementAndGet();
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        int of(int status) {
            AtomicInteger count = answers.get(status);
            return count == null ? 0 : count.get();
        }

        @Override
        public void close() throws InterruptedException {
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
    }

    private static String phase(String service) {
        return platform.admin().get("/services/" + service).jsonPath().getString("rollout.phase");
    }

    private static void awaitPhase(String service, String phase) throws InterruptedException {
        Eventually.until(
                () -> service + " is " + phase(service) + ", not " + phase,
                PATIENCE,
                () -> phase.equals(phase(service)));
    }

    @Test
    @Order(1)
    void goodRevision_underLoad_getsEverythingAndNoRequestFails() throws Exception {
        platform.deploy("steady", "--revision-suffix", "blue");
        try (Load load = new Load("steady")) {
            Platform.Result deployed =
                    platform.deploy(
                            "steady",
                            "--revision-suffix",
                            "green",
                            "--gradual",
                            "6s",
                            "--steps",
                            "10,50,100");
            assertThat(deployed.out()).contains("steady-green gets 10 %", "all of them in 6s");

            awaitPhase("steady", "done");

            load.close();
            assertThat(load.answers).containsOnlyKeys(200);
        }
        assertThat(platform.succeed("traffic", "steady").out())
                .contains("steady-green (LATEST)", "100 %")
                .doesNotContain("steady-blue");
        assertThat(platform.succeed("describe", "steady").out())
                .contains("to steady-green, done at");
    }

    @Test
    @Order(2)
    void badRevision_underLoad_isTakenBackWithTheReason() throws Exception {
        platform.deploy("fickle", "--revision-suffix", "blue");
        try (Load load = new Load("fickle")) {
            platform.deploy(
                    "fickle",
                    "--revision-suffix",
                    "green",
                    "--env",
                    "HELLO_FAIL=1",
                    "--gradual",
                    "1h",
                    "--steps",
                    "30,100");

            awaitPhase("fickle", "stopped");

            assertThat(load.of(500)).isPositive(); // which is how it was found out
            assertThat(load.answers.keySet()).isSubsetOf(200, 500);
        }
        for (int i = 0; i < 50; i++) {
            assertThat(platform.get("fickle", "/").statusCode()).isEqualTo(200);
        }
        String reason = "answers were 5xx, and 0 of the old revision's";
        assertThat(platform.succeed("describe", "fickle").out())
                .contains("to fickle-green, stopped at", reason);
        assertThat(Files.readString(platform.data.resolve("logs/hearth.log")))
                .contains("fickle-green gets no more requests", reason);
        assertThat(platform.succeed("traffic", "fickle").out())
                .contains("fickle-blue")
                .doesNotContain("fickle-green");
    }

    @Test
    @Order(3)
    void byHand_toAKeptRevision_untilSomebodyRollsBack() throws Exception {
        platform.deploy("tardy", "--revision-suffix", "blue");
        platform.deploy("tardy", "--revision-suffix", "green");
        platform.succeed("traffic", "tardy", "--to", "tardy-blue", "--gradual", "1h");
        assertThat(platform.succeed("traffic", "tardy").out())
                .containsPattern("tardy-blue +1 %")
                .containsPattern("tardy-green +99 %");
        assertThat(platform.hearth("traffic", "tardy", "--to", "LATEST", "--gradual", "1m").err())
                .contains("moving to tardy-blue");

        assertThat(platform.succeed("rollback", "tardy").out()).contains("tardy-green serves");

        assertThat(phase("tardy")).isEqualTo("stopped");
        for (List<String> wrong :
                List.of(
                        List.of("--to", "tardy-blue", "--gradual", "soon"),
                        List.of("--to", "tardy-blue", "tardy-green", "--gradual", "1m"),
                        List.of("--to", "tardy-blue", "--gradual", "1m", "--steps", "50"),
                        List.of("--to", "tardy-blue=100", "--steps", "1,100"))) {
            List<String> words = new ArrayList<>(List.of("traffic", "tardy"));
            words.addAll(wrong);
            assertThat(platform.hearth(words.toArray(String[]::new)).code())
                    .as(String.join(" ", words))
                    .isEqualTo(2);
        }
    }

    @Test
    @Order(4)
    void platformKilled_rolloutGoesOn() throws Exception {
        platform.deploy("tough", "--revision-suffix", "blue");
        platform.deploy(
                "tough", "--revision-suffix", "green", "--gradual", "8s", "--steps", "20,60,100");
        platform.killHard();
        platform.up();

        assertThat(phase("tough")).isEqualTo("running");
        awaitPhase("tough", "done");

        assertThat(platform.succeed("traffic", "tough").out())
                .contains("tough-green (LATEST)", "100 %");
    }
}
