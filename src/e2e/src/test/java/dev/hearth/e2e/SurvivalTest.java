package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Containers live longer than what started them: kill -9 of the launcher and of the JVM. */
@Tag("root")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SurvivalTest {
    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform = new Platform();
        platform.up();
        // one, whatever the load: an instance that is missing later was lost, not scaled down
        platform.deploy("hello", "--idle", "300s", "--max", "1");
        platform.deploy("cold", "--idle", "300s");
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    // ---- helpers

    private static List<String> idsAndPids(String service) {
        return platform.instancesOf(service).stream()
                .map(i -> i.get("id") + " " + i.get("pid"))
                .toList();
    }

    /** Clients that call without a pause until they are told to stop. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger answered = new AtomicInteger();
        private final List<String> failed = Collections.synchronizedList(new ArrayList<>());
        private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

        Load(int count) {
            for (int i = 0; i < count; i++) {
                clients.submit(this::call);
            }
        }

        private void call() {
            while (!over.get()) {
                try {
                    Response r = platform.get("hello", "/sleep?ms=20");
                    answered.incrementAndGet();
                    if (r.statusCode() != 200) {
                        failed.add(r.statusCode() + " " + r.asString());
                    }
                } catch (RuntimeException | Error connection) {
                    failed.add(String.valueOf(connection.getMessage()));
                } catch (Exception connection) { // as rest-assured throws it undeclared
                    failed.add(String.valueOf(connection.getMessage()));
                }
            }
        }

        void awaitAnswers(int more) throws InterruptedException {
            int goal = answered.get() + more;
            Eventually.until(
                    more + " more answers", Duration.ofSeconds(30), () -> answered.get() >= goal);
        }

        @Override
        public void close() {
            over.set(true);
            clients.close();
        }
    }

    private static void kill(long pid) throws Exception {
        Platform.run(List.of("kill", "-9", Long.toString(pid)));
    }

    private static long logBytes() {
        try (Stream<Path> files = Files.list(platform.data.resolve("logs/services/hello"))) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the launcher

    @Test
    @Order(1)
    void launcherKilledUnderLoad_noRequestFailsAndColdStartsWork() throws Exception {
        platform.hearth("stop", "cold");
        try (Load load = new Load(8)) {
            load.awaitAnswers(50);
            List<String> before = idsAndPids("hello");
            long old = platform.launchers().getFirst();
            kill(old);
            long killed = System.nanoTime();
            Response cold = platform.get("cold", "/");
            long millis = (System.nanoTime() - killed) / 1_000_000;
            System.out.println("launcher killed: a cold start is answered after " + millis + " ms");
            assertThat(cold.statusCode()).as(cold.asString()).isEqualTo(200);
            assertThat(cold.header("Server-Timing")).contains("slot;dur=");
            load.awaitAnswers(50);
            assertThat(idsAndPids("hello")).containsAll(before);
            assertThat(platform.launchers()).hasSize(1).doesNotContain(old);
            load.close();
            assertThat(load.failed).isEmpty();
        }
    }

    @Test
    @Order(2)
    void adoptedByTheNewLauncher_itsEndIsNoticed() throws Exception {
        List<String> before = idsAndPids("hello");
        for (Map<String, Object> instance : platform.instancesOf("hello")) {
            kill(((Number) instance.get("pid")).longValue());
        }
        Eventually.until(
                "the ends are noticed",
                Duration.ofSeconds(10),
                () -> platform.instancesOf("hello").isEmpty());
        assertThat(platform.get("hello", "/").statusCode()).isEqualTo(200);
        assertThat(idsAndPids("hello")).doesNotContainAnyElementsOf(before);
    }

    // ---- the JVM

    @Test
    @Order(3)
    void jvmKilledUnderLoad_containersGoOnAndAreAdopted() throws Exception {
        List<String> before;
        String address;
        try (Load load = new Load(8)) {
            load.awaitAnswers(50);
            before = idsAndPids("hello");
            address = platform.instancesOf("hello").getFirst().get("address").toString();
            platform.awaitNotes();
            platform.killHard();
        }
        long logged = logBytes();
        assertThat(RestAssured.get("http://" + address + "/log?text=alone").statusCode())
                .isEqualTo(200);
        Eventually.until("the log grows", Duration.ofSeconds(10), () -> logBytes() > logged);

        long millis = platform.up();

        System.out.println("JVM killed: up again after " + millis + " ms");
        assertThat(before).isNotEmpty();
        assertThat(idsAndPids("hello")).containsAll(before);
        Response warm = platform.get("hello", "/env");
        assertThat(warm.statusCode()).isEqualTo(200);
        assertThat(warm.header("Server-Timing")).isNull();
        assertThat(idsAndPids("hello"))
                .anyMatch(i -> warm.asString().contains("HOSTNAME=" + i.split(" ")[0]));
        assertThat(platform.hearth("logs", "hello").out()).contains("alone");
    }

    @Test
    @Order(4)
    void adopted_quotaFollowsAndStopWorks() throws Exception {
        Eventually.until(
                "the idle sliver is set by the autoscaler",
                Duration.ofSeconds(40), // Kafka waits 10 s for the consumer that was killed
                () ->
                        platform.instancesOf("hello").stream()
                                .allMatch(i -> "50m".equals(i.get("cpu"))));
        assertThat(platform.hearth("stop", "hello").code()).isZero();
        assertThat(platform.instancesOf("hello")).isEmpty();
        Response cold = platform.get("hello", "/");
        assertThat(cold.statusCode()).as(cold.asString()).isEqualTo(200);
        assertThat(cold.header("Server-Timing")).contains("slot;dur=");
    }

    @Test
    @Order(5)
    void jvmAndLauncherKilled_nextStartTakesAwayWhatIsLeft() throws Exception {
        List<String> before = idsAndPids("hello");
        platform.killHard();
        kill(platform.launchers().getFirst());
        platform.up();
        assertThat(platform.instancesOf("hello")).isEmpty();
        assertThat(platform.get("hello", "/").statusCode()).isEqualTo(200);
        assertThat(idsAndPids("hello")).doesNotContainAnyElementsOf(before);
    }

    @Test
    @Order(6)
    void jvmKilledThenDown_nothingIsLeft() throws Exception {
        platform.get("hello", "/");
        platform.killHard();
        Platform.Result down = platform.hearth("down");
        assertThat(down.code()).as(down.err()).isZero();
        assertThat(down.out()).contains("stopped");
        assertThat(platform.leftovers())
                .as(Files.readString(platform.data.resolve("logs/hearth.log")))
                .isEmpty();
    }
}
