package dev.hearth.autoscaler.decide;

import static dev.hearth.autoscaler.decide.TimeLine.spec;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Each of Knative's knobs by itself, as its documentation words it ("Configuring autoscaling"). */
class ScalingRulesTest {
    private static final long MINUTE = 60_000;

    private static TimeLine life(int concurrency, String rules) {
        return new TimeLine(spec(concurrency, 0, 100, 10 * MINUTE, rules)).ready(1);
    }

    @Test
    void target_belowTheHardLimit_isWhatIsFilled() {
        // 0.7 × 10 = 7, though an instance takes 80
        assertThat(life(80, "target=10").seconds(60, 14).instances()).isEqualTo(2);
    }

    @Test
    void target_aboveTheHardLimit_theLimitIsWhatIsFilled() {
        assertThat(life(10, "target=100").seconds(60, 14).instances()).isEqualTo(2);
    }

    @Test
    void target_withoutAHardLimit_mayBeMoreThanAHundred() {
        assertThat(life(0, "target=200").seconds(60, 280).instances()).isEqualTo(2);
    }

    @Test
    void utilisation_hundredPerCent_instancesAreFilledWhole() {
        assertThat(life(10, "utilisation=100%").seconds(60, 20).instances()).isEqualTo(2);
        assertThat(life(10, "utilisation=100%").seconds(60, 20.5).instances()).isEqualTo(3);
    }

    @Test
    void window_short_loadThatIsOverIsForgottenSooner() {
        // no panic, which would hold the peak
        TimeLine quick = life(10, "window=10s,panic-threshold=1000%").ready(5);
        TimeLine usual = life(10, "panic-threshold=1000%").ready(5);
        quick.seconds(60, 35);
        usual.seconds(60, 35);

        // 10 s later: 7 / 7 = 1, by halves of 5 at most; but (50 × 35 + 10 × 7) / 60 = 30.3 → 5
        assertThat(quick.seconds(10, 7).instances()).isEqualTo(2);
        assertThat(usual.seconds(10, 7).instances()).isEqualTo(5);
    }

    @Test
    void panicWindow_half_aBurstShowsLater() {
        // one second of 70: over 6 s 11.7 → 2 instances, twice what there is; over 30 s 2.3 → 1
        assertThat(after(life(10, "default"))).contains("a burst came");
        assertThat(after(life(10, "panic-window=50%"))).doesNotContain("a burst came");
    }

    @Test
    void panicThreshold_high_aBurstIsNone() {
        assertThat(after(life(10, "panic-threshold=300%"))).doesNotContain("a burst came");
    }

    private static String after(TimeLine life) {
        life.seconds(60, 0.01);
        return life.seconds(1, 70).why();
    }

    @Test
    void maxUp_small_growsStepByStep() {
        TimeLine life = life(10, "max-up=2");

        assertThat(life.obeying(1, 70).instances()).isEqualTo(2);
        assertThat(life.obeying(1, 70).instances()).isEqualTo(4);
        assertThat(life.obeying(2, 70).instances()).isEqualTo(10);
    }

    @Test
    void maxDown_large_shrinksAtOnce() {
        TimeLine life = life(10, "max-down=100,window=6s").ready(10);
        life.seconds(60, 70);

        // the burst's peak is held for a window; then 1 of 10 at once
        assertThat(life.seconds(13, 1).instances()).isEqualTo(1);
    }

    @Test
    void downDelay_loadFalls_theMostOfThatTimeIsKept() {
        TimeLine life = life(10, "down-delay=5m,window=6s");
        assertThat(life.obeying(60, 35).instances()).isEqualTo(5);

        // 4 minutes and 50 s later still all of them
        assertThat(life.obeying(290, 1).instances()).isEqualTo(5);
        // then half of them, which is what was asked for all that time, and held as long
        assertThat(life.obeying(25, 1).instances()).isEqualTo(2);
        assertThat(life.obeying(300, 1).instances()).isEqualTo(1);
    }

    @Test
    void downDelay_noDemand_zeroComesAfterIdleTimeAndDelay() {
        TimeLine life = new TimeLine(spec(10, 0, 100, MINUTE, "down-delay=30s,window=6s")).ready(1);
        life.seconds(5, 1);

        assertThat(life.seconds(89, 0).instances()).isEqualTo(1);
        assertThat(life.seconds(1, 0).instances()).isZero();
    }

    @Test
    void activation_anyDemand_soManyAtLeast() {
        assertThat(life(80, "activation=3").seconds(1, 0.5).instances()).isEqualTo(3);
    }

    @Test
    void initial_noDemandYet_whatWasStartedStays() {
        // 3 were started to prove the revision, and nobody has come
        TimeLine life = new TimeLine(spec(80, 0, 100, MINUTE, "initial=3")).ready(3);

        assertThat(life.seconds(59, 0).instances()).isEqualTo(3);
        assertThat(life.seconds(1, 0).instances()).isZero();
    }
}
