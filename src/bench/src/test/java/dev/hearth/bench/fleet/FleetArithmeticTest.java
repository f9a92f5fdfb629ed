package dev.hearth.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DemandSample;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FleetArithmeticTest {
    private static final FleetSize SMALL = new FleetSize(10, 1_000, 4, 100, 70, 20);

    @Test
    void popularity_nthService_isAskedForInProportionToOneByN() {
        Popularity popularity = new Popularity(3);
        int[] drawn = new int[3];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 110_000; i++) {
            drawn[popularity.draw(random)]++;
        }
        // 1 + 1/2 + 1/3 = 11/6
        assertThat(drawn[0]).isCloseTo(60_000, within(1_000));
        assertThat(drawn[1]).isCloseTo(30_000, within(1_000));
        assertThat(drawn[2]).isCloseTo(20_000, within(1_000));
    }

    @Test
    void spread_fullestAgainstAverage() {
        assertThat(Spread.of(List.of(1, 1, 4)).imbalance()).isEqualTo(2);
        assertThat(Spread.of(List.of(7, 7)).imbalance()).isEqualTo(1);
        assertThat(Spread.of(List.of(0, 0)).imbalance()).isEqualTo(1);
    }

    @Test
    void homes_oneGoes_whatMovesIsCountedAndWhatNeedNotHave() {
        String[] before = {"a", "a", "b", "c"};
        String[] after = {"b", "c", "b", "b"};
        assertThat(HomesResult.moved(before, after)).isEqualTo(0.75);
        assertThat(HomesResult.stray(before, after, "a")).isEqualTo(1); // the last one
    }

    @Test
    void homes_measured_oneOfFourGateways_aQuarterMoves() {
        HomesResult homes = HomesResult.measure(SMALL, Clock.system());
        assertThat(homes.moved()).isCloseTo(0.25, within(0.05));
        assertThat(homes.movedNeedlessly()).isZero();
    }

    @Test
    void recovery_noticePlacingAndStarting_addUp() {
        // 500 at 5 000 a second are 100 ms, 20 at 3 ms are 60 ms
        Recovery recovery = new Recovery(100, 2_000, 500, 5_000, 20, 0.5);
        assertThat(recovery.placingMillis()).isCloseTo(100, within(1e-9));
        assertThat(recovery.startingMillis()).isCloseTo(60, within(1e-9));
        assertThat(recovery.millis()).isCloseTo(2_910, within(1e-9));
    }

    @Test
    void recovery_nothingWasLost_onlyTheNoticeIsLeft() {
        Recovery recovery = new Recovery(1, 0, 0, Double.NaN, 0, Double.NaN);
        assertThat(recovery.millis()).isEqualTo(Recovery.NOTICE_MILLIS);
    }

    @Test
    void sampler_quietService_isSpokenOfForThreeSecondsAndThenEveryFive() {
        LiveService one = new LiveService(0, 0);
        one.instances().add(new SimulatedNode("a"));
        one.arrive();
        long now = 0;
        assertThat(one.sample(now).arrivals()).isEqualTo(1);
        int told = 0;
        for (int step = 1; step <= 26; step++) { // 13 s
            now += Simulation.STEP_MILLIS;
            if (one.isDue(now)) {
                DemandSample sample = one.sample(now);
                assertThat(sample.arrivals()).isZero();
                told++;
            }
        }
        assertThat(told).isEqualTo(6 + 2); // up to 3 s, at 8 s and at 13 s
    }

    @Test
    void simulation_instances_areThoseOnTheNodes_andComeBackWhenNodesGo() {
        Simulation simulation = new Simulation(SMALL, Clock.system());
        simulation.run();
        Simulation.Result before = simulation.result();
        double onNodes = simulation.fleet().instances().mean() * simulation.fleet().size();
        assertThat(onNodes).isCloseTo(before.instances(), within(0.001));
        assertThat(before.coldStarts()).isPositive();

        Recovery recovery = Recovery.measure(SMALL, simulation);
        assertThat(recovery.lostNodes()).isEqualTo(2);
        assertThat(recovery.starts()).isPositive();
        assertThat(simulation.fleet().size()).isEqualTo(8);
        assertThat(simulation.result().instances()).isEqualTo(before.instances());
        assertThat(simulation.fleet().instances().mean() * 8)
                .isCloseTo(before.instances(), within(0.001));
    }

    @Test
    void simulation_sameSize_sameCounts() {
        Simulation one = new Simulation(SMALL, Clock.system());
        Simulation other = new Simulation(SMALL, Clock.system());
        one.run();
        other.run();
        assertThat(one.result().coldStarts()).isEqualTo(other.result().coldStarts());
        assertThat(one.fleet().instances()).isEqualTo(other.fleet().instances());
    }

    @Test
    void routeTable_everyGatewayOfFour_isTheHomeOfAboutAQuarter() {
        RouteTableResult table = RouteTableResult.measure(400, 4, Clock.system());
        assertThat(table.homes()).isBetween(60, 140);
    }

    @Test
    void size_defaultsAndOptions() {
        FleetSize size =
                FleetSize.of(
                        Options.parse("fleet", FleetSize.OPTIONS, "--nodes", "7", "--lost=30"));
        assertThat(size.nodes()).isEqualTo(7);
        assertThat(size.lostPercent()).isEqualTo(30);
        assertThat(size.services()).isEqualTo(1_000_000);
    }
}
