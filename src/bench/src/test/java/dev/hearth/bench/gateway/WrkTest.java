package dev.hearth.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.bench.platform.BenchFailure;
import org.junit.jupiter.api.Test;

class WrkTest {
    private static final String SAID =
            """
            Running 5s test @ http://127.0.0.1:8080/
              1 threads and 64 connections
              Thread Stats   Avg      Stdev     Max   +/- Stdev
                Latency     1.42ms    2.31ms  41.03ms   94.05%
                Req/Sec    38.91k     2.10k   41.20k    76.00%
              Latency Distribution
                 50%  812.00us
                 75%    1.20ms
                 90%    2.31ms
                 99%   12.50ms
              193745 requests in 5.01s, 25.12MB read
            Requests/sec:  38671.66
            Transfer/sec:      5.01MB
            """;

    @Test
    void parse_whatWrkPrints_isFiguresInMicroseconds() {
        Load load = Wrk.parse(SAID, 1_937_450);
        assertThat(load.perSecond()).isEqualTo(38671.66);
        assertThat(load.p50Micros()).isEqualTo(812);
        assertThat(load.p99Micros()).isEqualTo(12_500);
        assertThat(load.wrong()).isZero();
        assertThat(load.cpuMicrosEach()).isEqualTo(10);
    }

    @Test
    void parse_brokenConnectionsAndRefusals_areWrong() {
        String said =
                SAID
                        + "  Socket errors: connect 1, read 2, write 3, timeout 4\n"
                        + "  Non-2xx or 3xx responses: 20\n";
        assertThat(Wrk.parse(said, 0).wrong()).isEqualTo(30);
    }

    @Test
    void parse_noFigures_failsWithWhatItSaid() {
        assertThatThrownBy(() -> Wrk.parse("unable to connect", 0))
                .isInstanceOf(BenchFailure.class)
                .hasMessageContaining("unable to connect");
    }
}
