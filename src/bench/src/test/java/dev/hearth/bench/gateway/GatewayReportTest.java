package dev.hearth.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.bench.report.Bar;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GatewayReportTest {
    @Test
    void bars_aRun_areRatiosOfMediansToTheBetterNginx() {
        GatewayReport report =
                report(
                        Optional.of(
                                new RouteTable(
                                        10_000,
                                        Duration.ofSeconds(300),
                                        List.of(load(1000, 0, 0)),
                                        List.of(load(960, 0, 0)))),
                        Optional.of(new IdleConnections(1000, 8_192_000, 4_096_000)));
        assertThat(report.bars().stream().map(Bar::figure))
                .usingComparatorForType(
                        (a, b) -> Math.abs(a - b) < 1e-6 ? 0 : Double.compare(a, b), Double.class)
                .containsExactly(1.25, 1.2, 1.2, 1.5, 2.5, 4.0, 8.0, Double.NaN, Double.NaN);
        assertThat(Bar.exitCode(report.bars())).isEqualTo(1); // p99 is 2.5 times nginx's
    }

    @Test
    void bars_nginxTookNoTime_areNotMeasured() {
        GatewayReport report =
                new GatewayReport(
                        Map.of(),
                        List.of(standing(Contestant.NGINX + "1 worker", 10, 0, 0, 0)),
                        5,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of());
        assertThat(report.bars()).allMatch(bar -> Double.isNaN(bar.figure()));
    }

    @Test
    void textAndJson_aRun_nameEveryContestantAndWhatIsMissing() {
        GatewayReport report = report(Optional.empty(), Optional.empty());
        assertThat(report.text())
                .contains("nginx, 2 workers", "HAProxy", "not measured: x (no time)");
        assertThat(report.json()).contains("\"nginx, 1 worker\"", "\"x\" : \"no time\"");
    }

    @Test
    void median_ofEvenAndOfNone_isTheLowerMiddleAndNaN() {
        assertThat(Standing.median(List.of(4.0, 1.0, 3.0, 2.0), x -> x)).isCloseTo(2, within(1e-9));
        assertThat(Standing.median(List.<Double>of(), x -> x)).isNaN();
    }

    private static GatewayReport report(
            Optional<RouteTable> table, Optional<IdleConnections> idle) {
        return new GatewayReport(
                Map.of(),
                List.of(
                        standing(Contestant.DIRECT, 400, 0, 50, 100),
                        standing(Contestant.NGINX + "1 worker", 150, 7, 60, 100),
                        standing(Contestant.NGINX + "2 workers", 200, 10, 70, 200),
                        standing(Contestant.HAPROXY, 160, 10, 70, 200),
                        standing(Contestant.HEARTH, 200, 12, 80, 500)),
                80,
                table,
                idle,
                Optional.empty(),
                Map.of("x", "no time"));
    }

    private static Standing standing(
            String name, double perSecond, long cpuEach, double alone, double tail) {
        Standing standing = new Standing(name);
        // the middle round counts, not the best or the last
        for (double share : new double[] {0.5, 1, 2}) {
            standing.busiest().add(load(perSecond * share, 0, cpuEach));
            standing.alone().add(new Load(0, alone * share, 0, 100, 0, 0));
            standing.steady().add(load(80, tail * share, cpuEach));
            standing.memory().add(1L << 20);
        }
        return standing;
    }

    private static Load load(double perSecond, double tail, long cpuEach) {
        return new Load(perSecond, 0, tail, 100, 0, 100 * cpuEach);
    }
}
