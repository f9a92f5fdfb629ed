package dev.hearth.autoscaler.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.ScalingRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuQuotaTest {
    private static final Spec SPEC = spec(500, 4000);

    private CpuQuota quota = CpuQuota.initial(SPEC);
    private long now = TimeLine.BEGIN;

    private static Spec spec(int cpu, int limit) {
        return new Spec(80, 0, 10, 60_000, cpu, limit, ScalingRules.DEFAULT);
    }

    /** One instance, half a second: so much of its quota's periods throttled, so much used. */
    private int look(int throttledOfFive, int usedMillis, int free) {
        return look("ready", quota.millis(), throttledOfFive, usedMillis, free);
    }

    private int look(String state, int granted, int throttledOfFive, int usedMillis, int free) {
        now += 500;
        quota =
                quota.then(
                        new InstanceReport(
                                1,
                                "i-1",
                                "r",
                                now,
                                500,
                                state,
                                granted,
                                usedMillis * 500L,
                                5,
                                throttledOfFive,
                                1 << 20,
                                0,
                                free),
                        1,
                        SPEC);
        return quota.millis();
    }

    @Test
    void quota_throttledMuch_doublesUpToItsLimit() {
        assertThat(look(5, 500, 7500)).isEqualTo(1000);
        assertThat(look(5, 1000, 7000)).isEqualTo(2000);
        assertThat(look(5, 2000, 6000)).isEqualTo(4000);
        assertThat(look(5, 4000, 4000)).isEqualTo(4000);
    }

    @Test
    void quota_throttledSometimes_growsByHalf() {
        assertThat(look(1, 490, 7500)).isEqualTo(750);
    }

    @Test
    void quota_nodeHasLittleToSpare_growsByThat() {
        assertThat(look(5, 500, 200)).isEqualTo(700);
        // less than is worth it
        assertThat(look(5, 700, 40)).isEqualTo(700);
        assertThat(quota.isGrowable(SPEC)).isFalse();
    }

    @Test
    void quota_severalBusyInstances_shareWhatThereIsToSpare() {
        quota =
                quota.then(
                        new InstanceReport(
                                1, "i", "r", now + 500, 500, "ready", 500, 250_000, 5, 5, 1, 0,
                                300),
                        3,
                        SPEC);

        assertThat(quota.millis()).isEqualTo(600);
    }

    @Test
    void quota_othersNeedTheirs_givesBack() {
        look(5, 500, 1500);
        assertThat(look(5, 1000, 1000)).isEqualTo(2000);

        // second 1.5: another service's instance got its 1000m, and the node has none to spare
        assertThat(look(0, 1000, -700)).isEqualTo(1300);
        assertThat(look(0, 1000, -2000)).isEqualTo(500);
    }

    @Test
    void quota_notUsed_shrinksLateAndToWhatWasUsed() {
        look(5, 500, 3500);
        look(5, 1000, 3000);
        // 10 s with at most 640m in use: kept
        for (int i = 0; i < 19; i++) {
            assertThat(look(0, 640, 2000)).isEqualTo(2000);
        }
        // then a quarter more than that
        assertThat(look(0, 640, 2000)).isEqualTo(800);
        // and never less than it was deployed with
        for (int i = 0; i < 40; i++) {
            look(0, 10, 3000);
        }
        assertThat(quota.millis()).isEqualTo(500);
    }

    @Test
    void quota_steadyNeed_settlesWithoutOscillating() {
        // needs 900m: throttled whenever its quota is less
        List<Integer> quotas = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            quotas.add(look(quota.millis() < 900 ? 5 : 0, Math.min(900, quota.millis()), 3000));
        }

        // second 60 to 120
        assertThat(quotas.subList(120, 240)).containsOnly(quotas.getLast());
        assertThat(quotas.getLast()).isBetween(900, 1125);
    }

    @Test
    void quota_idleInstance_doesNotMoveIt() {
        look(5, 500, 3500);

        assertThat(look("idle", 25, 5, 25, 4000)).isEqualTo(1000);
        // nor does what was seen under the sliver, when it is ready again
        assertThat(look("ready", 25, 5, 25, 4000)).isEqualTo(1000);
    }

    @Test
    void quota_noLimitBeyondItsOwn_stays() {
        Spec fixed = spec(500, 500);
        CpuQuota same =
                CpuQuota.initial(fixed)
                        .then(
                                new InstanceReport(
                                        1, "i", "r", 1000, 500, "ready", 500, 250_000, 5, 5, 1, 0,
                                        9000),
                                1,
                                fixed);

        assertThat(same.millis()).isEqualTo(500);
        assertThat(same.isGrowable(fixed)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void quota_anything_staysWithinItsBounds(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            now += random.nextInt(2000);
            int millis =
                    look(
                            random.nextInt(5) == 0 ? "idle" : "ready",
                            random.nextInt(4500),
                            random.nextInt(6),
                            random.nextInt(5000),
                            random.nextInt(9000) - 4000);
            assertThat(millis).isBetween(500, 4000);
        }
    }
}
