package dev.hearth.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BarTest {
    @Test
    void atMost_onTheLimitAboveItAndUnmeasured_eachItsVerdict() {
        Bar met = Bar.atMost("p50 at most 3 ms", 3, 3, " ms");
        Bar missed = Bar.atMost("p50 at most 3 ms", 3.01, 3, " ms");
        Bar unknown = Bar.atMost("p50 at most 3 ms", Double.NaN, 3, " ms");
        assertThat(met.verdict()).isEqualTo(Bar.Verdict.MET);
        assertThat(missed.verdict()).isEqualTo(Bar.Verdict.NOT_MET);
        assertThat(unknown.verdict()).isEqualTo(Bar.Verdict.NOT_MEASURED);
        assertThat(Bar.lines(List.of(met, missed, unknown)))
                .contains("met          p50 at most 3 ms: 3.00 ms")
                .contains("NOT MET      p50")
                .contains("not measured p50 at most 3 ms\n");
    }

    @Test
    void exitCode_oneMissed_isOne() {
        Bar met = Bar.atLeast("8 times faster", 8, 8, "x");
        Bar unknown = Bar.atLeast("25 times faster", Double.NaN, 25, "x");
        assertThat(Bar.exitCode(List.of(met, unknown))).isZero();
        assertThat(Bar.exitCode(List.of(met, Bar.atLeast("8 times faster", 7.9, 8, "x"))))
                .isEqualTo(1);
    }
}
