package dev.hearth.autoscaler.decide;

import static dev.hearth.autoscaler.decide.TimeLine.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.ScalingRules;
import org.junit.jupiter.api.Test;

class DeciderTest {
    private static final long MINUTE = 60_000;

    @Test
    void decide_steadyLoad_averageOverTargetRoundedUp() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(3);

        // 150 at a time over a target of 0.7 × 80 = 56 → ⌈2.7⌉ = 3
        assertThat(life.seconds(60, 150).instances()).isEqualTo(3);
    }

    @Test
    void decide_unlimitedConcurrency_countsAsHundred() {
        TimeLine life = new TimeLine(spec(0, 0, 100, MINUTE)).ready(3);

        // 0.7 × 100 = 70 → ⌈210 / 70⌉ = 3
        assertThat(life.seconds(60, 210).instances()).isEqualTo(3);
    }

    @Test
    void decide_firstHalfSecond_isNotDilutedByTheWholeWindow() {
        TimeLine life = new TimeLine(spec(10, 0, 100, MINUTE));

        // divided by the one second since data began, not by 60: ⌈70 / 7⌉ = 10
        assertThat(life.seconds(1, 70).instances()).isEqualTo(10);
    }

    @Test
    void decide_burst_panicsHoldsThePeakAndComesDownByHalves() {
        TimeLine life = new TimeLine(spec(10, 0, 100, 10 * MINUTE)).ready(1);
        // a quiet minute: ⌈5 / 7⌉ = 1
        assertThat(life.obeying(60, 5).instances()).isEqualTo(1);

        // second 61: 70 at once. Stable (5×59+70)/60 = 6.1 → 1; panic (5×5+70)/6 = 15.8 → 3,
        // 3 times what is there: panic
        assertThat(life.obeying(1, 70).instances()).isEqualTo(3);
        // second 66: the short window is full of it: 70 / 7 = 10
        assertThat(life.obeying(5, 70).instances()).isEqualTo(10);

        // the burst is over; its peak is held for a minute from the excess, until second 121
        assertThat(life.obeying(50, 5).instances()).isEqualTo(10);
        // then the minute's average rules, (5×70+55×5)/60 = 10.4 → 2, by halves: 5, 2
        assertThat(life.obeying(5, 5).instances()).isEqualTo(5);
        assertThat(life.obeying(1, 5).instances()).isEqualTo(2);
        // second 126: the burst has left the minute
        assertThat(life.obeying(6, 5).instances()).isEqualTo(1);
    }

    @Test
    void decide_loadFalls_atMostHalvesAtATime() {
        TimeLine life = new TimeLine(spec(1, 0, 100, 10 * MINUTE)).ready(100);
        life.seconds(130, 70);

        // one minute of almost nothing: the average asks for 1 of 100
        assertThat(life.seconds(61, 0.1).instances()).isEqualTo(50);
    }

    @Test
    void decide_loadRises_atMostThousandfold() {
        TimeLine life = new TimeLine(spec(1, 0, 1_000_000, MINUTE)).ready(2);

        assertThat(life.seconds(1, 900_000).instances()).isEqualTo(2000);
    }

    @Test
    void decide_noDemandForIdleTime_zero() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(1);
        life.seconds(5, 1);

        // second 64: nobody came for 59 s
        assertThat(life.seconds(59, 0).instances()).isEqualTo(1);
        // second 65: the idle time is up
        Decision zero = life.seconds(1, 0);
        assertThat(zero.instances()).isZero();
        assertThat(zero.why()).contains("no request for 60.0 s, idle time is 1m");
    }

    @Test
    void decide_idleOfOneSecond_zeroThoughTheWindowRemembersDemand() {
        TimeLine life = new TimeLine(spec(80, 0, 100, 1000)).ready(2);

        assertThat(life.seconds(30, 100).instances()).isEqualTo(2);
        assertThat(life.seconds(1, 0).instances()).isZero();
    }

    @Test
    void decide_idleOfADay_keepsOneForADay() {
        TimeLine life = new TimeLine(spec(80, 0, 100, 24 * 60 * MINUTE)).ready(3);
        life.seconds(5, 200);

        assertThat(life.seconds(86_399, 0).instances()).isEqualTo(1);
        assertThat(life.seconds(1, 0).instances()).isZero();
    }

    @Test
    void decide_minInstances_neverBelow() {
        TimeLine life = new TimeLine(spec(80, 2, 100, 1000)).ready(2);

        Decision decision = life.seconds(3600, 0);

        assertThat(decision.instances()).isEqualTo(2);
        assertThat(decision.why()).contains("; min is 2; frozen");
    }

    @Test
    void decide_maxInstances_neverAbove() {
        TimeLine life = new TimeLine(spec(1, 0, 4, MINUTE)).ready(4);

        Decision decision = life.seconds(10, 500);

        assertThat(decision.instances()).isEqualTo(4);
        assertThat(decision.why()).endsWith("; max is 4");
    }

    @Test
    void decide_demandWithoutInstances_atLeastOne() {
        TimeLine life = new TimeLine(spec(1000, 0, 100, MINUTE)).ready(0);

        assertThat(life.seconds(1, 0.001).instances()).isEqualTo(1);
    }

    @Test
    void decide_keptWithoutDemandAndNoneThere_startsNone() {
        TimeLine life = new TimeLine(spec(80, 0, 100, 10 * MINUTE)).ready(1);
        life.seconds(5, 1);
        life.ready(0);

        // somebody stopped the last instance; nobody asked for 10 s
        assertThat(life.seconds(10, 0).instances()).isZero();
    }

    @Test
    void decide_clockSetForward_nobodyIsIdleForIt() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(3);
        life.seconds(30, 150);

        life.jump(3_600_000);

        assertThat(life.seconds(10, 0).instances()).isPositive();
    }

    @Test
    void decide_clockSetBack_historyBeginsAnew() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(3);
        life.seconds(30, 150);

        life.jump(-3_600_000);

        Decision decision = life.seconds(1, 150);
        assertThat(decision.instances()).isEqualTo(3);
        assertThat(decision.atMillis()).isLessThan(TimeLine.BEGIN);
    }

    @Test
    void decide_idleForTwoSeconds_sliverOfCpu() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(1);

        assertThat(life.seconds(1, 1).idleCpuMillis()).isEqualTo(1000);
        assertThat(life.seconds(1, 0).idleCpuMillis()).isEqualTo(1000);
        assertThat(life.seconds(1, 0).idleCpuMillis()).isEqualTo(50);
        assertThat(life.seconds(1, 0).cpuMillis()).isEqualTo(1000);
        assertThat(life.seconds(1, 1).idleCpuMillis()).isEqualTo(1000);
    }

    @Test
    void decide_smallCpu_sliverOfTenMillisAtLeast() {
        History history = new History();
        Spec small = new Spec(80, 0, 10, MINUTE, 100, 100, ScalingRules.DEFAULT);
        history.add(new Tick(TimeLine.BEGIN, 5000, 0, false, 1, 0, false), small);
        history.add(new Tick(TimeLine.BEGIN + 5000, 5000, 0, false, 1, 0, false), small);

        assertThat(
                        Decider.decide(
                                        "r",
                                        history,
                                        CpuQuota.initial(small),
                                        Rest.said(small),
                                        TimeLine.COST,
                                        small)
                                .idleCpuMillis())
                .isEqualTo(10);
    }

    @Test
    void decide_steadyLoad_whyHasTheNumbers() {
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE)).ready(3);

        assertThat(life.seconds(60, 150).why())
                .isEqualTo(
                        "want 3, have 3 ready and 0 starting: 150.0 requests at a time over 60 s and"
                                + " 150.0 over 6 s, 56.0 wanted per instance");
    }
}
