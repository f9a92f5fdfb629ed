package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.Months;
import dev.hearth.testing.Eventually;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
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

    /**
     * Each of the clients had a request in the container when the JVM was killed: none of those is
     * on the bill, and everything that was answered is, once, also when the ledger is sent again
     * from its beginning. Their time is, as far as the platform lived.
     */
    @Test
    void knownLoad_inWhoseMidstBrokerAndJvmAreKilled_isBilledAsTheClientsCounted()
            throws Exception {
        int clients = 4;
        platform.deploy("billed", "--cpu", "500m", "--memory", "256Mi", "--idle", "10m");
        awaitStartBilled("billed");
        double before = total("billed").get("billedSeconds").asDouble();
        try (BilledLoad load = new BilledLoad(platform, "billed", clients)) {
            load.awaitMore(40);
            killBroker();
            load.awaitMore(40);
            load.awaitMidst();
            platform.killHard();
            Files.deleteIfExists(platform.data.resolve("usage/sent"));
            platform.up();
            load.awaitMore(40);
            load.stop();

            assertThat(load.lost()).isEqualTo(clients);
            awaitRequests("billed", load.answered());
            BilledLoad.Active active = load.active();
            assertThat(total("billed").get("billedSeconds").asDouble() - before)
                    .isCloseTo(
                            active.seconds(),
                            within(0.01 * active.seconds() + 0.1 * active.stretches()));
            billIsToldInManyWays(load.answered());
            itemisedToTheLastNanosecond("billed", load.answered());
            assertThat(replayed("billed")).isEqualTo(nanos(total("billed")));
        }
    }

    private static void billIsToldInManyWays(int requests) throws Exception {
        assertThat(platform.hearth("usage", "billed").out())
                .contains("REQUESTS", "billed", "total", "" + requests);
        assertThat(platform.hearth("usage", "billed", "--by", "hour", "--csv").out())
                .contains("service,revision,begin,requests", "billed,,20");
        assertThat(platform.hearth("usage", "--by", "week").code()).isEqualTo(2);
    }

    /** Billed time of a service as its ledger has it, read from the start. */
    private static long replayed(String service) throws Exception {
        Map<String, Long> ofMeters = new HashMap<>();
        try (Stream<Path> files = Files.list(platform.data.resolve("usage"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode record = JSON.readTree(line);
                    if (record.get("service").asText().equals(service)) {
                        long millis = record.get("billedMillis").asLong();
                        ofMeters.put(record.get("meter").asText(), millis * 1_000_000);
                    }
                }
            }
        }
        return ofMeters.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long nanos(JsonNode total) {
        return total.get("billedSeconds").decimalValue().movePointRight(9).longValueExact();
    }

    private static JsonNode items(String service) {
        String body =
                platform.admin()
                        .queryParam("service", service)
                        .queryParam("most", "10000")
                        .queryParam("to", Instant.now().plusSeconds(3600).toString())
                        .get("/usage/items")
                        .asString();
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each item's share, and the cost, add up to the bill; nothing is left out. */
    private static void itemisedToTheLastNanosecond(String service, int requests) throws Exception {
        Eventually.until(
                "all items of " + service + " are on the bill",
                Duration.ofSeconds(60),
                () -> {
                    JsonNode rest = items(service).get("notItemised");
                    return rest.get("billedNanos").asLong() == 0
                            && rest.get("requests").asLong() == 0
                            && rest.get("idleNanos").asLong() == 0;
                });
        JsonNode all = items(service);
        long nanos = 0;
        int answered = 0;
        BigDecimal cost = BigDecimal.ZERO;
        for (JsonNode item : all.get("items")) {
            nanos += item.get("billedNanos").asLong();
            cost = cost.add(item.get("cost").decimalValue());
            if (item.get("kind").asText().equals("request")) {
                answered++;
                assertThat(item.get("status").asInt()).isEqualTo(200);
                assertThat(item.get("seconds").asDouble()).isPositive();
                assertThat(item.get("billedNanos").asLong()).isPositive();
            }
        }
        assertThat(answered).isEqualTo(requests);
        assertThat(nanos).isEqualTo(all.get("bill").get("billedNanos").asLong());
        assertThat(cost).isEqualByComparingTo(all.get("bill").get("cost").decimalValue());
        assertThat(platform.hearth("usage", service, "--items", "--csv").out())
                .contains("request,", "not-itemised,,,,,,0,0,0,0,", "bill,,,,,," + requests + ",");
        assertThat(platform.hearth("usage", service, "--items").out()).contains("BEGIN", "bill");
        assertThat(platform.hearth("usage", "--items").code()).isEqualTo(2);
    }

    @Test
    void billedByInstance_itsLife_aMinuteAtLeast() throws Exception {
        platform.deploy("whole", "--billing", "instance", "--cpu", "500m", "--idle", "10m");
        assertThat(platform.get("whole", "/").statusCode()).isEqualTo(200);
        awaitRequests("whole", 1);
        JsonNode total = total("whole");
        // a minute of half a CPU and half a GiB, and maybe what is beyond it; no request's fee
        double seconds = total.get("billedSeconds").asDouble();
        assertThat(seconds).isGreaterThanOrEqualTo(60);
        assertThat(total.get("cost").asDouble())
                .isCloseTo(seconds * 0.5 * (0.000018 + 0.000002), within(1e-9));
        assertThat(platform.hearth("usage", "whole").out()).contains("instance");
        assertThat(platform.hearth("describe", "whole").out())
                .contains("by instance", "idle-cpu=full");
        assertThat(platform.hearth("deploy", "whole", "--image", "x", "--billing", "x").code())
                .isEqualTo(2);
    }

    @Test
    void minimumInstance_idle_isBilledAtTheIdleRate() throws Exception {
        platform.deploy("kept", "--min", "1", "--cpu", "1", "--memory", "1Gi");
        Eventually.until(
                "idle time is on the bill",
                Duration.ofSeconds(60),
                () -> total("kept").path("idleSeconds").asDouble() > 5);
        JsonNode total = total("kept");
        double idle = total.get("idleSeconds").asDouble();
        double billed = total.get("billedSeconds").asDouble();
        assertThat(total.get("cost").asDouble())
                .isCloseTo(idle * 2 * 0.0000025 + billed * (0.000024 + 0.0000025), within(1e-9));
        assertThat(total.get("requests").asLong()).isZero();
        itemisedToTheLastNanosecondOnceItIsGone("kept");
    }

    private static void itemisedToTheLastNanosecondOnceItIsGone(String service) throws Exception {
        assertThat(platform.hearth("delete", service).code()).isZero();
        Eventually.until(
                "all idle time is itemised",
                Duration.ofSeconds(60),
                () -> {
                    JsonNode items = items(service);
                    return items.get("notItemised").get("idleNanos").asLong() == 0
                            && items.get("bill").get("idleNanos").asLong() > 0;
                });
    }

    @Test
    void projectsBudget_spent_closesEveryService_untilItIsRaised() throws Exception {
        platform.deploy("shared", "--idle", "10m");
        assertThat(platform.hearth("budget", "--all", "0.000001,stop").code()).isZero();
        try {
            Eventually.until(
                    "the project's budget is spent",
                    Duration.ofSeconds(60),
                    () -> platform.get("shared", "/").statusCode() == 429);
            assertThat(platform.get("shared", "/").header("X-Hearth-Error"))
                    .isEqualTo("budget-spent");
        } finally {
            assertThat(platform.hearth("budget", "--all", "none").code()).isZero();
        }
        Eventually.until(
                "it serves again",
                Duration.ofSeconds(60),
                () -> platform.get("shared", "/").statusCode() == 200);
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
        // the next month's begin: nothing that a client could do sooner would help
        Instant now = Instant.now();
        long left = Duration.between(now, Months.nextBegin(now)).toSeconds();
        assertThat(Long.parseLong(refused.header("Retry-After")))
                .isBetween(Math.max(1, left - 5), left + 60);
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
