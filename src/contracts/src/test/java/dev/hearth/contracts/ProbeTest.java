package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
    @Test
    void parse_least_hasCloudRunsDefaults() {
        Probe probe = Probe.parse("http:/health");

        assertThat(probe.check()).isEqualTo(new Probe.Check.Http("/health", 0));
        assertThat(probe.initialDelay()).isZero();
        assertThat(probe.period()).isEqualTo(Duration.ofSeconds(10));
        assertThat(probe.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(probe.failures()).isEqualTo(3);
        assertThat(probe.patience()).isEqualTo(Duration.ofSeconds(30));
        assertThat(probe.port(8080)).isEqualTo(8080);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http:/health",
                "http:/health?deep=1&x=%20",
                "tcp",
                "tcp,port=9000",
                "grpc",
                "grpc:my.Service,port=9000,delay=5s,period=2s,timeout=1500ms,failures=7",
                "http:/,period=500ms",
                "http:/,period=500ms,timeout=200ms"
            })
    void toString_readsAsTheSame(String text) {
        assertThat(Probe.parse(text)).hasToString(text);
        assertThat(Probe.parse(Probe.parse(text).toString())).isEqualTo(Probe.parse(text));
    }

    @Test
    void parse_shortPeriod_isTheTimeoutAsWell() {
        assertThat(Probe.parse("tcp,period=500ms").timeout()).isEqualTo(Duration.ofMillis(500));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http",
                "http:health",
                "http:/a b",
                "https:/a",
                "tcp:80",
                "tcp,port=70000",
                "tcp,port=x",
                "tcp,period",
                "tcp,period=1s,period=2s",
                "tcp,speed=1s",
                "tcp,period=soon",
                "tcp,period=1s,timeout=2s",
                "tcp,period=10ms",
                "tcp,period=2h",
                "tcp,failures=0",
                "tcp,failures=1001",
                "grpc:a b"
            })
    void parse_whatCannotBe_isRefused(String text) {
        assertThatThrownBy(() -> Probe.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }

    @Test
    void probes_startupOfMoreThanFourMinutes_isRefused() {
        assertThat(Probes.parse("tcp,period=60s,failures=4", "").startup()).isPresent();
        assertThatThrownBy(() -> Probes.parse("tcp,period=60s,failures=5", ""))
                .hasMessageContaining("240s in all");
        assertThat(Probes.parse("", "tcp,period=60s,failures=5").liveness()).isPresent();
        assertThat(Probes.parse("", "")).isEqualTo(Probes.NONE);
    }
}
