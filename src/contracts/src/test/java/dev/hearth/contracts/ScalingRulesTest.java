package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingRulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "default",
                "target=0.5",
                "target=50,utilisation=90%,window=2m,panic-window=20%,panic-threshold=300%,max-up=10,"
                        + "max-down=1.5,down-delay=15m,initial=2,activation=3"
            })
    void parse_whatToStringWrites_same(String text) {
        assertThat(ScalingRules.parse(text)).hasToString(text);
    }

    @Test
    void parse_whatIsTheDefault_isNotWritten() {
        assertThat(ScalingRules.parse("window=60s,utilisation=70,initial=1"))
                .isEqualTo(ScalingRules.DEFAULT)
                .hasToString("default");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "window",
                "=60s",
                "window=",
                "window=60",
                "window=5s",
                "window=2h",
                "window=6500ms",
                "target=0.001",
                "target=-1",
                "target=1e3",
                "utilisation=0%",
                "utilisation=101%",
                "panic-threshold=100%",
                "max-up=1",
                "max-down=1001",
                "down-delay=61m",
                "initial=0",
                "activation=99999999999",
                "burst=211",
                "target=5,",
                ",target=5"
            })
    void parse_anythingElse_refused(String text) {
        assertThatThrownBy(() -> ScalingRules.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }

    @Test
    void targetOf_limitAndUtilisation() {
        assertThat(ScalingRules.DEFAULT.targetOf(80)).isEqualTo(56);
        assertThat(ScalingRules.DEFAULT.targetOf(0)).isEqualTo(70);
        assertThat(ScalingRules.parse("target=50").targetOf(80)).isEqualTo(35);
        assertThat(ScalingRules.parse("target=0.01,utilisation=1%").targetOf(80)).isEqualTo(0.01);
    }

    @Test
    void panicSeconds_shortWindow_oneAtLeast() {
        assertThat(ScalingRules.parse("window=6s").panicSeconds()).isEqualTo(1);
        assertThat(ScalingRules.DEFAULT.panicSeconds()).isEqualTo(6);
    }

    @Test
    void change_ofSettings_keepsTheRest() {
        DemandSample.Bounds was =
                new DemandSample.Bounds(80, 2, 10, 60_000, 500, 1000, 1 << 29, "window=30s");

        DemandSample.Bounds changed = ScalingChange.parse("target=50,idle=10s,max=1").of(was);

        assertThat(changed)
                .isEqualTo(
                        new DemandSample.Bounds(
                                80, 1, 1, 10_000, 500, 1000, 1 << 29, "target=50,window=30s"));
        assertThat(Duration.ofMillis(changed.idleMillis())).hasSeconds(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "idle", "max=x", "min=-1", "idle=x", "target=50,cpu=1"})
    void change_anythingElse_refused(String text) {
        if (text.isEmpty()) {
            assertThat(ScalingChange.parse(text)).isEqualTo(ScalingChange.NONE);
            return;
        }
        assertThatThrownBy(() -> ScalingChange.parse(text)).isInstanceOf(HearthException.class);
    }
}
