package dev.hearth.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class FisherTest {
    @Test
    void chance_smallTables_isWhatCountingGives() {
        // 3 of 10 are hit: one of 120 ways has all of them among the 3 new ones
        assertThat(Fisher.chance(0, 7, 3, 3)).isCloseTo(1 / 120.0, within(1e-12));
        // Fisher's lady tasting tea: all four cups right is one of 70 ways, three or more 17
        assertThat(Fisher.chance(0, 4, 4, 4)).isCloseTo(1 / 70.0, within(1e-12));
        assertThat(Fisher.chance(1, 4, 3, 4)).isCloseTo(17 / 70.0, within(1e-12));
    }

    @Test
    void chance_nothingHitOrNothingTried_isCertain() {
        assertThat(Fisher.chance(0, 1000, 0, 1000)).isCloseTo(1, within(1e-9));
        assertThat(Fisher.chance(5, 1000, 0, 0)).isCloseTo(1, within(1e-9));
        assertThat(Fisher.chance(1000, 1000, 10, 10)).isCloseTo(1, within(1e-9));
    }

    @Test
    void chance_manyRequests_staysExact() {
        // both halves of a million fair tosses: the tail beside the middle is near one half
        assertThat(Fisher.chance(500_000, 1_000_000, 500_000, 1_000_000)).isBetween(0.5, 0.501);
        // 5.89 standard deviations of the difference: by the normal distribution 1.9e-9
        assertThat(Fisher.chance(10_000, 1_000_000, 10_845, 1_000_000)).isBetween(1.7e-9, 2.3e-9);
    }

    @Test
    void chance_bothAlike_isAsSeldomBelowALineAsTheLineSays() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        int below = 0;
        for (int i = 0; i < 10_000; i++) {
            long old = hits(random, 200, 0.1);
            long fresh = hits(random, 40, 0.1);
            below += Fisher.chance(old, 200, fresh, 40) <= 0.01 ? 1 : 0;
        }

        // an exact test errs on the safe side: at most 1 % of 10 000, and five deviations
        assertThat(below).isBetween(10, 150);
    }

    private static long hits(RandomGenerator random, int tries, double chance) {
        long hits = 0;
        for (int i = 0; i < tries; i++) {
            hits += random.nextDouble() < chance ? 1 : 0;
        }
        return hits;
    }
}
