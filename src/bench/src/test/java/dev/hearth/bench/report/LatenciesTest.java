package dev.hearth.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
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
    void millis_none_isNotANumber() {
        assertThat(new Latencies("x").millis(50)).isNaN();
    }
}
