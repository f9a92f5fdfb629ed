package dev.hearth.autoscaler.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.Warmth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    static final String SAMPLE =
            """
            {"schema":1,"revision":"hello-00001-abc","atMillis":1000,"spanMillis":500,
             "concurrency":2.5,"queued":1,"instances":1,"starting":0,"arrivals":4,"completions":3,
             "startMillis":3.5,"bounds":{"concurrency":80,"minInstances":0,"maxInstances":100,
             "idleMillis":60000,"cpuMillis":1000,"cpuLimitMillis":2000,"memoryBytes":536870912,"rules":"default"}}""";

    private final Json json = new Json();

    @Test
    void sample_fieldsOfANewerSender_arePassedOver() throws Exception {
        assertThat(json.sample(SAMPLE.replace("{\"schema\"", "{\"node\":\"n\",\"schema\"")))
                .isEqualTo(json.sample(SAMPLE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "\"x\"",
                "{\"schema\":1",
                "{\"schema\":1,\"revision\":\"a\"}",
                "\u0000"
            })
    void sample_otherText_throws(String text) {
        assertThatThrownBy(() -> json.sample(text)).isInstanceOf(Exception.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"schema\":1=\"schema\":2",
                "2.5=-1",
                "2.5=1e300",
                "2.5=NaN",
                "\"spanMillis\":500=\"spanMillis\":0",
                "\"hello-00001-abc\"=null",
                "\"hello-00001-abc\"=\"A B\"",
                "\"instances\":1=\"instances\":-1",
                "\"instances\":1=\"instances\":null",
                "\"maxInstances\":100=\"maxInstances\":0",
                "\"minInstances\":0=\"minInstances\":101",
                "\"cpuMillis\":1000=\"cpuMillis\":0",
                "\"cpuLimitMillis\":2000=\"cpuLimitMillis\":999",
                "\"arrivals\":4=\"arrivals\":-1",
                "\"startMillis\":3.5=\"startMillis\":-1",
                "\"memoryBytes\":536870912=\"memoryBytes\":0",
                "\"default\"=\"window\"",
                "\"idleMillis\":60000=\"idleMillis\":-5"
            })
    void sample_fieldOutOfRange_throws(String change) {
        String[] parts = change.split("=");

        assertThatThrownBy(() -> json.sample(SAMPLE.replace(parts[0], parts[1])))
                .isInstanceOf(Exception.class);
    }

    @Test
    void sample_tooLong_throws() {
        assertThatThrownBy(() -> json.sample(" ".repeat(Json.MOST_CHARACTERS) + SAMPLE))
                .hasMessageContaining("characters");
    }

    @Test
    void text_decision_hasAllFields() throws Exception {
        assertThat(json.text(new Decision(1, "r", 1000, 2, 1000, 50, Warmth.FROZEN, true, "why")))
                .isEqualTo(
                        "{\"schema\":1,\"revision\":\"r\",\"atMillis\":1000,\"instances\":2,"
                                + "\"cpuMillis\":1000,\"idleCpuMillis\":50,\"warmth\":\"FROZEN\","
                                + "\"wake\":true,\"why\":\"why\"}");
    }
}
