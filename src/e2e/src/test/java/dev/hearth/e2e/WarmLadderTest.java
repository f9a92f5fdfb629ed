package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.SampleImages;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Instances without requests, down the warm ladder and up again, as a user sees it. */
@Tag("root")
class WarmLadderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
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

    private static void deploy(String name, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("deploy", name, "--image", image));
        words.addAll(List.of("--idle", "1h"));
        words.addAll(List.of(more));
        Platform.Result result = platform.hearth(words.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isZero();
    }

    private static JsonNode json(String... words) {
        try {
            List<String> all = new ArrayList<>(List.of(words));
            all.add("--json");
            return JSON.readTree(platform.hearth(all.toArray(String[]::new)).out());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String state(String service) {
        JsonNode instances = json("instances", service);
        return instances.isEmpty() ? "" : instances.get(0).get("state").asText();
    }

    private static String metrics() {
        return RestAssured.given()
                .header("Authorization", "Bearer " + platform.token())
                .get("http://127.0.0.1:" + platform.adminPort + "/q/metrics")
                .asString();
    }

    private static void untilFrozen(String service) throws Exception {
        Eventually.until(service + " is frozen", PATIENCE, () -> state(service).equals("frozen"));
    }

    private static double billedSeconds(String service, int requests) throws Exception {
        Eventually.until(
                requests + " requests are on the bill of " + service,
                PATIENCE,
                () -> json("usage", service).get("total").get("requests").asInt() == requests);
        return json("usage", service).get("total").get("billedSeconds").asDouble();
    }

    @Test
    void idle_frozen_freeOfCharge_andThawedForTheNextRequest() throws Exception {
        deploy("rest");
        deploy("works", "--scaling", "idle-cpu=sliver");
        assertThat(platform.get("works", "/").statusCode()).isEqualTo(200);
        assertThat(platform.get("rest", "/").statusCode()).isEqualTo(200);
        double before = billedSeconds("rest", 1);
        untilFrozen("rest");
        assertThat(state("works")).isEqualTo("idle"); // its owner wants it so
        assertThat(metrics()).contains("hearth_instances{service=\"rest\",state=\"frozen\"} 1");
        assertThat(platform.hearth("explain", "rest").out())
                .contains("frozen: zero CPU until the next request")
                .contains("instances without requests were to be frozen");

        Response thawed = platform.get("rest", "/");
        assertThat(thawed.statusCode()).isEqualTo(200);
        assertThat(thawed.header("Server-Timing")).as("no cold start").isNull();
        assertThat(state("rest")).isEqualTo("ready");
        assertThat(json("instances", "rest")).hasSize(1);
        assertThat(billedSeconds("rest", 2)).as("ten seconds later").isLessThan(before + 1);
    }

    @Test
    void frozen_stopped_isGoneAndStartsAgain() throws Exception {
        deploy("gone");
        platform.get("gone", "/");
        untilFrozen("gone");
        assertThat(platform.hearth("stop", "gone").code()).isZero();
        assertThat(platform.instances("gone")).isZero();
        assertThat(platform.get("gone", "/").statusCode()).isEqualTo(200);
    }

    @Test
    void platformKilled_frozenInstanceIsAdoptedAsItIs_andThaws() throws Exception {
        deploy("left");
        platform.get("left", "/");
        untilFrozen("left");
        String id = json("instances", "left").get(0).get("id").asText();

        platform.killHard();
        platform.up();

        assertThat(state("left")).isEqualTo("frozen");
        assertThat(platform.get("left", "/").statusCode()).isEqualTo(200);
        assertThat(state("left")).isEqualTo("ready");
        assertThat(json("instances", "left").get(0).get("id").asText()).isEqualTo(id);
    }
}
