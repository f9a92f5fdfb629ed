package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.testing.Eventually;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Why there were so many instances of so much CPU, asked of a platform that decided so. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class ExplainTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private static void untilDecided(String name) throws InterruptedException {
        Eventually.until(
                "a decision about " + name,
                Duration.ofSeconds(60),
                () -> platform.admin().get("/services/" + name + "/explain").statusCode() == 200);
    }

    @Test
    void explain_afterRequests_saysWhyInWords() throws Exception {
        platform.deploy("why", "--idle", "5m");
        platform.get("why", "/");
        untilDecided("why");
        // The decision that made the instance is followed by the one that finds it without work.
        Eventually.until(
                "a decision without a request",
                Duration.ofSeconds(60),
                () -> out("explain", "why").contains("no request for"));

        assertThat(out("explain", "why"))
                .contains("was to have 1 instance of 1 CPU", "Why:", "CHANGED");

        JsonNode json = json("explain", "why", "--json");
        assertThat(json.get("instances").asInt()).isEqualTo(1);
        assertThat(json.get("ready").asInt()).isEqualTo(1);
        assertThat(json.get("scaling").asText()).isEqualTo("default");
        assertThat(json.get("changes")).isNotEmpty();
    }

    @Test
    void whatIf_shorterIdleTime_lessInstanceTime() throws Exception {
        platform.deploy("if", "--idle", "5m");
        platform.get("if", "/");
        untilDecided("if");

        Platform.Result printed = platform.hearth("explain", "if", "--what-if", "idle=1s");
        assertThat(printed.out()).contains("AS IT WAS", "IDLE=1S", "cold starts", "cost");
        Eventually.until(
                "there is idle time to save",
                Duration.ofSeconds(60),
                () -> {
                    JsonNode json = json("explain", "if", "--what-if", "idle=1s", "--json");
                    return json.at("/wouldBe/instanceSeconds").asDouble()
                            < json.at("/was/instanceSeconds").asDouble();
                });
    }

    @Test
    void explain_atATimeBeforeAnything_saysThatNothingWasDecided() throws Exception {
        platform.deploy("never");

        Platform.Result explained = platform.hearth("explain", "never", "--at", "20h");
        assertThat(explained.code()).isEqualTo(2);
        assertThat(explained.err()).contains("nothing was decided");
        assertThat(platform.hearth("explain", "nobody").err()).contains("no service \"nobody\"");
        assertThat(platform.hearth("explain", "never", "--at", "soon").code()).isEqualTo(2);
        assertThat(platform.hearth("explain", "never", "--what-if", "speed=9").code()).isEqualTo(2);
    }

    private static JsonNode json(String... words) {
        try {
            return JSON.readTree(out(words));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String out(String... words) {
        try {
            return platform.hearth(words).out();
        } catch (Exception e) {
            throw new IllegalStateException(String.join(" ", words), e);
        }
    }

    /** A static program starts in milliseconds: it need not be kept. */
    @Test
    void idleTime_learned_quickStarterGoesAtOnce() throws Exception {
        platform.deploy("auto", "--idle", "auto");
        assertThat(platform.hearth("describe", "auto").out()).contains("to zero after auto");
        platform.get("auto", "/");
        untilDecided("auto");
        Eventually.until(
                "no instance", Duration.ofSeconds(30), () -> platform.instances("auto") == 0);
        Eventually.until(
                "its reason",
                Duration.ofSeconds(60),
                () -> out("explain", "auto").contains("not likely enough"));
        assertThat(platform.get("auto", "/").statusCode()).isEqualTo(200);
    }

    @Test
    void scaling_knobs_areKeptAndShown() throws Exception {
        platform.deploy("knobs", "--scaling", "target=5,window=30s,down-delay=2m", "--max", "4");

        assertThat(platform.hearth("describe", "knobs").out())
                .contains("target=5,window=30s,down-delay=2m");
        Platform.Result wrong =
                platform.hearth("deploy", "knobs", "--image", Platform.HELLO, "--scaling", "x=1");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("target, utilisation, window");
    }
}
