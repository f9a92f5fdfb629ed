package dev.hearth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.bench.cold.BenchFailure;
import dev.hearth.bench.cold.Latencies;
import dev.hearth.bench.cold.Report;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void millis_fiftyStarts_areNearestRanks() {
        Latencies l =
                new Latencies("x", LongStream.rangeClosed(1, 50).map(i -> i * 1_000_000).toArray());
        assertThat(l.millis(50)).isEqualTo(25);
        assertThat(l.millis(90)).isEqualTo(45);
        assertThat(l.millis(99)).isEqualTo(50);
        assertThat(l.millis(100)).isEqualTo(50);
    }

    @Test
    void report_withAndWithoutATool_tellsBoth() {
        Report report =
                new Report(
                        List.of(
                                new Latencies("hearth", new long[] {3_000_000}),
                                new Latencies("bare process", new long[] {1_000_000})),
                        Map.of("docker", "not installed"));
        assertThat(report.table())
                .contains("3.0x")
                .contains("not measured: docker (not installed)");
        assertThat(report.json()).contains("\"ratioToBareProcess\" : 3.0");
    }

    @Test
    void options_unknownOrMissing_areRefused() {
        assertThatThrownBy(() -> ColdStartOptions.parse(Map.of(), "--nonsense"))
                .isInstanceOf(BenchFailure.class);
        assertThatThrownBy(() -> ColdStartOptions.parse(Map.of(), "--image", "x"))
                .hasMessageContaining("--binary");
        assertThatThrownBy(
                        () ->
                                ColdStartOptions.parse(
                                        Map.of(), "--image=x", "--binary=y", "--starts=0"))
                .hasMessageContaining("--starts");
    }
}
