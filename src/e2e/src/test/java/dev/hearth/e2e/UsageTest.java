package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.testing.Eventually;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The bill against the client's own count, with the platform's JVM and the broker killed in the
 * middle: what was answered is billed, once.
 */
@Tag("root")
class UsageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
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

    private static JsonNode total(String service) {
        String body =
                platform.admin()
                        .queryParam("service", service)
                        .queryParam("to", Instant.now().plusSeconds(3600).toString())
                        .get("/usage")
                        .asString();
        try {
            return JSON.readTree(body).get("total");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitRequests(String service, long count) throws Exception {
        Eventually.until(
                count + " requests on the bill of " + service,
                Duration.ofSeconds(60),
                () -> total(service).path("requests").asLong() >= count);
        assertThat(total(service).get("requests").asLong()).isEqualTo(count);
    }

    /**
     * Of many requests.
     *
     * @param good those answered with 200
     * @param seconds from the first one's sending to the last answer
     */
    private record Called(int good, double seconds) {}

    /**
     * Some clients with so many requests each, which take so long; but for the first ones, so that
     * the requests of one client begin and end in the midst of the others'.
     */
    private static Called call(String service, int clients, int each, int millis) throws Exception {
        List<Connection> connections = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Connection connection = new Connection(platform);
                connections.add(connection);
                int first = millis * (i + 1) / clients;
                work.add(
                        () -> {
                            int good = 0;
                            for (int k = 0; k < each; k++) {
                                String path = "/sleep?ms=" + (k == 0 ? first : millis);
                                String answer = connection.get(service, path);
                                good += answer.startsWith("HTTP/1.1 200 ") ? 1 : 0;
                            }
                            return good;
                        });
            }
            long begun = System.nanoTime();
            int good = 0;
            for (Future<Integer> one : threads.invokeAll(work)) {
                good += one.get();
            }
            return new Called(good, (System.nanoTime() - begun) / 1e9);
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private static void killBroker() throws Exception {
        Process found =
                new ProcessBuilder("pgrep", "-P", Long.toString(platform.pid()), "-f", "BrokerMain")
                        .start();
        String pid = new String(found.getInputStream().readAllBytes()).strip();
        assertThat(pid).as("the broker's pid").matches("\\d+");
        new ProcessBuilder("kill", "-9", pid).start().waitFor();
    }

    @Test
    void knownLoad_withJvmAndBrokerKilled_billedExactlyOnce() throws Exception {
        platform.deploy("billed", "--cpu", "500m", "--memory", "256Mi", "--idle", "10m");
        int answered = call("billed", 4, 10, 50).good();
        awaitRequests("billed", answered);

        killBroker();
        answered += call("billed", 4, 10, 50).good();
        platform.killHard();
        platform.up();
        answered += call("billed", 4, 10, 50).good();

        assertThat(answered).isEqualTo(120);
        awaitRequests("billed", 120);
        assertThat(platform.hearth("usage", "billed").out())
                .contains("REQUESTS", "billed", "total", "120");
        assertThat(platform.hearth("usage", "billed", "--by", "hour", "--csv").out())
                .contains("service,revision,begin,requests", "billed,,20");
        assertThat(platform.hearth("usage", "--by", "week").code()).isEqualTo(2);
    }

    @Test
    void activeTime_knownDurations_within1PerCent() throws Exception {
        platform.deploy("timed", "--cpu", "2", "--memory", "1Gi", "--idle", "10m");
        awaitStartBilled("timed");
        double before = total("timed").path("billedSeconds").asDouble();
        // one or two at a time, all the time: 40 × 0.5 s are 10 s of one instance's time, not of
        // two
        Called called = call("timed", 2, 20, 500);

        awaitRequests("timed", called.good());
        double billed = total("timed").get("billedSeconds").asDouble() - before;
        // what the client waited, and less than a slice more
        assertThat(billed).isCloseTo(called.seconds(), within(0.01 * called.seconds() + 0.1));
        JsonNode all = total("timed");
        double seconds = all.get("billedSeconds").asDouble();
        assertThat(all.get("vcpuSeconds").asDouble()).isCloseTo(2 * seconds, within(1e-6));
        assertThat(all.get("gibSeconds").asDouble()).isCloseTo(seconds, within(1e-6));
        assertThat(all.get("egressBytes").asLong()).isGreaterThan(40 * 50);
    }

    /** The instance that proved the revision is on the bill; it has answered nothing. */
    private static void awaitStartBilled(String service) throws Exception {
        Eventually.until(
                "the start on the bill",
                Duration.ofSeconds(60),
                () -> total(service).path("billedSeconds").asDouble() > 0);
        assertThat(total(service).get("requests").asLong()).isZero();
    }

    @Test
    void budget_spent_requestsAreRefusedUntilItIsRaised() throws Exception {
        platform.deploy("poor", "--idle", "10m");
        assertThat(platform.hearth("budget", "poor", "0.000001,stop").code()).isZero();
        platform.get("poor", "/"); // each request costs 0.0000004, and its time more

        Eventually.until(
                "the budget is spent",
                Duration.ofSeconds(60),
                () -> platform.get("poor", "/").statusCode() == 429);
        var refused = platform.get("poor", "/");
        assertThat(refused.header("X-Hearth-Error")).isEqualTo("budget-spent");
        assertThat(Long.parseLong(refused.header("Retry-After"))).isBetween(1L, 31L * 86_400);
        assertThat(platform.hearth("budget", "poor").out())
                .contains("budget 0.000001,stop a month");

        assertThat(platform.hearth("budget", "poor", "none").code()).isZero();
        Eventually.until(
                "it serves again",
                Duration.ofSeconds(30),
                () -> platform.get("poor", "/").statusCode() == 200);
        assertThat(platform.hearth("budget", "poor", "free").code()).isEqualTo(2);
    }

    @Test
    void refusedRequests_areFree() throws Exception {
        platform.deploy("limited", "--rate-limit", "1/h", "--idle", "10m");
        assertThat(platform.get("limited", "/").statusCode()).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
            assertThat(platform.get("limited", "/").statusCode()).isEqualTo(429);
        }

        awaitRequests("limited", 1);
    }
}
