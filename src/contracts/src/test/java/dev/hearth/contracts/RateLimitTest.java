package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none | none",
                "100 | 100/s",
                "100/s | 100/s",
                "30/m,burst=5 | 30/m,burst=5",
                "500/h,burst=500 | 500/h",
                "1000000/s,burst=1 | 1000000/s,burst=1"
            })
    void parse_text_writtenTheShortestWay(String text, String canonical) {
        assertThat(RateLimit.parse(text)).hasToString(canonical);
        assertThat(RateLimit.parse(canonical)).isEqualTo(RateLimit.parse(text));
    }

    @Test
    void parse_withoutABurst_oneTimesAllAtOnce() {
        assertThat(RateLimit.parse("30/m")).isEqualTo(new RateLimit(30, Duration.ofMinutes(1), 30));
        assertThat(RateLimit.parse("none").unlimited()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0/s",
                "-1",
                "1/d",
                "1/S",
                "1000001",
                "5/s,burst=0",
                "5/s,burst=1000001",
                "9999999999/s",
                "5 /s",
                "burst=5",
                "1.5/s",
                "NONE"
            })
    void parse_somethingElse_oneSentenceSaysWhy(String text) {
        assertThatThrownBy(() -> RateLimit.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("invalid-rate-limit");
                            assertThat(e.sentence()).doesNotContain("\n");
                        });
    }
}
