package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GradualRolloutTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final RevisionName NEW = new RevisionName("shop-green");

    private static List<TrafficTarget> targets(String... shares) {
        return List.of(shares).stream().map(TrafficTarget::parse).toList();
    }

    private static GradualRollout begin(String steps, String... now) {
        return GradualRollout.begin(
                new UUID(1, 2), NEW, true, targets(now), RolloutPlan.parse("10m", steps), THEN);
    }

    private static List<String> shares(GradualRollout rollout) {
        return rollout.shares(true).stream().map(t -> t.word() + "=" + t.percent()).toList();
    }

    @Test
    void forward_stepByStep_endsWithAllToTheLatest() {
        GradualRollout rollout = begin("", "shop-blue=100");
        assertThat(rollout.plan().interval()).isEqualTo(Duration.ofSeconds(150));

        for (int percent : List.of(1, 5, 25, 50)) {
            assertThat(rollout.isRunning()).isTrue();
            assertThat(shares(rollout))
                    .containsExactly("shop-green=" + percent, "shop-blue=" + (100 - percent));
            rollout = rollout.forward(THEN.plusSeconds(percent));
        }

        assertThat(rollout.phase()).isEqualTo(GradualRollout.Phase.DONE);
        assertThat(rollout.movedAt()).isEqualTo(THEN.plusSeconds(50));
        assertThat(rollout.begunAt()).isEqualTo(THEN);
        assertThat(shares(rollout)).containsExactly("LATEST=100");
        // something was deployed meanwhile, which nobody has tried
        assertThat(rollout.shares(false))
                .containsExactly(new TrafficTarget(Optional.of(NEW), 100, ""));
    }

    @Test
    void back_fromAnyStep_isAsItWasBefore() {
        GradualRollout rollout = begin("10,60,100", "shop-blue=70", "shop-red=30").forward(THEN);

        GradualRollout back = rollout.back("it fails", THEN);

        assertThat(shares(back)).containsExactly("shop-blue=70", "shop-red=30");
        assertThat(back.reason()).isEqualTo("it fails");
        assertThat(back.percent()).isEqualTo(60);
        assertThat(back.isRunning()).isFalse();
    }

    @Test
    void shares_ofSeveralRevisions_keepTheirProportionAndAddUpTo100() {
        // 5 % of 34, 33, 33 are 1.7, 1.65, 1.65: the largest remainders are rounded up
        assertThat(shares(begin("95,100", "shop-a=34", "shop-b=33", "shop-c=33")))
                .containsExactly("shop-green=95", "shop-a=2", "shop-b=2", "shop-c=1");
        // one that gets nothing for a while is still named, so that it is kept
        assertThat(shares(begin("99,100", "shop-a=50", "shop-b=50")))
                .containsExactly("shop-green=99", "shop-a=1", "shop-b=0");
    }

    @Test
    void begin_withAShareAlready_leavesOutTheStepsBelowIt() {
        GradualRollout rollout = begin("", "shop-green=25", "shop-blue=75");
        assertThat(rollout.plan().steps()).containsExactly(50, 100);
        assertThat(shares(rollout)).containsExactly("shop-green=50", "shop-blue=50");

        GradualRollout nearly = begin("", "shop-green=60", "shop-blue=40");
        assertThat(nearly.plan().steps()).containsExactly(60, 100);
    }

    @Test
    void begin_nobodyElseHasRequests_isRefused() {
        assertThatThrownBy(() -> begin("", "shop-green=100"))
                .isInstanceOf(HearthException.class)
                .hasMessageContaining("has all requests already");
    }

    @Test
    void plan_thatCannotBe_isRefused() {
        for (String steps :
                List.of("100", "0,100", "5,5,100", "50,25,100", "1,50", "1,x,100", "1,,100")) {
            assertThatThrownBy(() -> RolloutPlan.parse("10m", steps))
                    .as(steps)
                    .isInstanceOfSatisfying(
                            HearthException.class,
                            e -> assertThat(e.reason()).isEqualTo("invalid-rollout"));
        }
        assertThatThrownBy(() -> RolloutPlan.parse("200h", ""))
                .hasMessageContaining("from 1s to 168h");
        assertThat(RolloutPlan.parse("1h", "").steps()).isEqualTo(RolloutPlan.STEPS);
    }
}
