package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The whole story, as a user lives it: one platform, one step after the other. */
@Tag("root")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MainJobTest {
    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform = new Platform();
        long millis = platform.up();
        System.out.println("hearth up on a new data directory: ready after " + millis + " ms");
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static void deploy(String... more) throws Exception {
        Platform.Result result = platform.deploy("hello", more);
        assertThat(result.err()).as("deploy's errors").doesNotContain("failed");
        assertThat(result.lastLine())
                .isEqualTo("http://hello.localhost:" + platform.httpPort + "/");
    }

    private static void awaitInstances(int count, int seconds) throws Exception {
        Eventually.until(
                count + " instances",
                Duration.ofSeconds(seconds),
                () -> platform.instances("hello") == count);
    }

    @Test
    @Order(1)
    void deploy_newService_printsItsUrl() throws Exception {
        deploy("--idle", "3s");
        assertThat(platform.hearth("services").out()).contains("hello");
    }

    @Test
    @Order(2)
    void call_cold_startsAContainer() throws Exception {
        assertThat(platform.hearth("stop", "hello").code()).isZero();
        assertThat(platform.instances("hello")).isZero();
        Response cold = platform.get("hello", "/");
        assertThat(cold.statusCode()).isEqualTo(200);
        assertThat(cold.asString()).isEqualTo("Hello World!\n");
        assertThat(cold.header("Server-Timing")).contains("slot;dur=", "rootfs;dur=", "ready;dur=");
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(3)
    void call_warm_sameInstanceNoWait() {
        Response warm = platform.get("hello", "/id");
        assertThat(warm.statusCode()).isEqualTo(200);
        assertThat(warm.header("Server-Timing")).isNull();
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(4)
    void call_throughCurl_traceAndContractEnvironment() throws Exception {
        Platform.Result curl =
                Platform.run(
                        List.of(
                                "curl",
                                "-sS",
                                "http://hello.localhost:" + platform.httpPort + "/headers"));
        assertThat(curl.out())
                .containsIgnoringCase("traceparent: 00-")
                .containsIgnoringCase("x-forwarded-for");
        assertThat(platform.get("hello", "/env").asString())
                .contains("PORT=8080", "K_SERVICE=hello", "K_REVISION=hello-00001-");
    }

    @Test
    @Order(5)
    void burst_onColdService_oneStartAllAnswered() throws Exception {
        platform.hearth("stop", "hello");
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0;
                    i < 50;
                    i++) { // 56 at a time are wanted of an instance: no reason for two
                calls.add(() -> platform.get("hello", "/sleep?ms=100").statusCode());
            }
            for (Future<Integer> status : clients.invokeAll(calls)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(6)
    void idle_scaledToZeroByTheAutoscaler_andBack() throws Exception {
        platform.get("hello", "/");
        awaitInstances(0, 30);
        assertThat(platform.get("hello", "/").statusCode()).isEqualTo(200);
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(7)
    void load_aboveConcurrency_scalesUpWithinMax() throws Exception {
        deploy("--idle", "3s", "--concurrency", "2", "--max", "3");
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                calls.add(() -> platform.get("hello", "/sleep?ms=1500").statusCode());
            }
            List<Future<Integer>> running = calls.stream().map(clients::submit).toList();
            awaitInstances(3, 10);
            for (Future<Integer> status : running) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        awaitInstances(0, 40);
    }

    @Test
    @Order(8)
    void redeploy_underRequests_noneFails() throws Exception {
        deploy("--idle", "30s", "--env", "COLOUR=blue");
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<Integer>> statuses =
                    clients.submit(
                            () -> {
                                List<Integer> seen = new ArrayList<>();
                                for (int i = 0; i < 200; i++) {
                                    seen.add(platform.get("hello", "/sleep?ms=5").statusCode());
                                }
                                return seen;
                            });
            deploy("--idle", "30s", "--env", "COLOUR=green");
            assertThat(platform.get("hello", "/env").asString()).contains("COLOUR=green");
            assertThat(statuses.get()).containsOnly(200);
        }
        awaitInstances(1, 15);
    }

    @Test
    @Order(9)
    void redeploy_broken_oldRevisionServesOn() throws Exception {
        Platform.Result failed =
                platform.hearth(
                        "deploy", "hello", "--image", Platform.HELLO, "--env", "HELLO_EXIT=7");
        assertThat(failed.code()).isEqualTo(2);
        assertThat(failed.err())
                .contains("exited with status 7")
                .contains("hello: exiting as asked");
        assertThat(platform.get("hello", "/env").asString()).contains("COLOUR=green");
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(10)
    void cli_readingCommands_tellTheSame() throws Exception {
        assertThat(platform.hearth("describe", "hello").out()).contains("COLOUR");
        assertThat(platform.hearth("instances", "hello").out()).contains("hello-0000");
        assertThat(platform.hearth("instances", "--json").out().strip()).startsWith("[");
        platform.get("hello", "/log?text=remember-me");
        assertThat(platform.hearth("logs", "hello").out()).contains("remember-me");
    }

    @Test
    @Order(10)
    void console_served_butTellsNothingWithoutTheToken() {
        String admin = "http://127.0.0.1:" + platform.adminPort;
        Response page = RestAssured.get(admin + "/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.asString())
                .contains("<title>Hearth</title>")
                .doesNotContain(platform.token());
        assertThat(page.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(RestAssured.get(admin + "/console.js").statusCode()).isEqualTo(200);
        assertThat(RestAssured.get(admin + "/api/v1/services").statusCode()).isEqualTo(401);
        assertThat(RestAssured.get(admin + "/q/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(11)
    void outOfMemory_reportedAndReplaced() throws Exception {
        deploy("--memory", "32Mi", "--idle", "30s");
        assertThat(platform.get("hello", "/alloc?mb=200").statusCode()).isEqualTo(502);
        assertThat(platform.get("hello", "/").statusCode()).isEqualTo(200);
        Eventually.until(
                "the reason is told",
                Duration.ofSeconds(10),
                () -> platform.printed().contains("more than its memory limit of 32Mi"));
    }

    @Test
    @Order(12)
    void restart_servicesSurvive() throws Exception {
        platform.interrupt();
        assertThat(platform.leftovers()).isEmpty();
        long millis = platform.up();
        System.out.println("hearth up again: ready after " + millis + " ms");
        assertThat(platform.get("hello", "/").asString()).isEqualTo("Hello World!\n");
    }

    @Test
    @Order(13)
    void killedHard_nextStartGoesOnWithTheSameInstance() throws Exception {
        platform.get("hello", "/env");
        awaitInstances(1, 30); // and no second one beside it
        platform.awaitNotes();
        String before = platform.get("hello", "/env").asString();
        platform.killHard();
        platform.up();
        Response warm = platform.get("hello", "/env");
        assertThat(warm.asString()).isEqualTo(before).contains("HOSTNAME=i-");
        assertThat(warm.header("Server-Timing")).isNull();
        assertThat(platform.instances("hello")).isEqualTo(1);
    }

    @Test
    @Order(14)
    void delete_gone404() throws Exception {
        assertThat(platform.hearth("delete", "hello").code()).isZero();
        Response gone = platform.get("hello", "/");
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(gone.header("X-Hearth-Error")).isEqualTo("no-such-service");
        awaitInstances(0, 15);
        assertThat(platform.hearth("delete", "hello").code()).isEqualTo(2);
    }

    @Test
    @Order(15)
    void down_stopsEverything() throws Exception {
        assertThat(platform.hearth("down").code()).isZero();
        Eventually.until("nothing left", Duration.ofSeconds(20), MainJobTest::nothingLeft);
    }

    private static boolean nothingLeft() {
        try {
            return platform.leftovers().isEmpty();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
