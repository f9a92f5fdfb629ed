package dev.hearth.autoscaler.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.ScalingRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for whatever comes, tried with random lives; a failing seed can be run again. */
class DeciderPropertiesTest {
    private static final int LIVES = 40;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void decide_anything_staysWithinBounds(long seed) {
        Random random = new Random(seed);
        for (int life = 0; life < LIVES; life++) {
            Spec spec = spec(random);
            History history = new History();
            for (Tick tick : ticks(random, 300)) {
                history.add(tick, spec);
                Decision decision = decide(history, spec);

                assertThat(decision.instances())
                        .isBetween(spec.minInstances(), spec.maxInstances());
                assertThat(decision.idleCpuMillis()).isBetween(10, spec.cpuMillis());
                assertThat(decision.cpuMillis()).isEqualTo(spec.cpuMillis());
                if (tick.demand()) {
                    assertThat(decision.instances()).isPositive();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void decide_deliveredTwiceAndOutOfOrder_sameDecision(long seed) {
        Random random = new Random(seed);
        for (int life = 0; life < LIVES; life++) {
            Spec spec = spec(random);
            List<Tick> inOrder = ticks(random, 400);
            History expected = new History();
            inOrder.forEach(t -> expected.add(t, spec));

            History actual = new History();
            disordered(random, inOrder).forEach(t -> actual.add(t, spec));

            assertThat(decide(actual, spec)).isEqualTo(decide(expected, spec));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void add_oldTick_isNotWorthADecision(long seed) {
        Random random = new Random(seed);
        Spec spec = spec(random);
        History history = new History();
        List<Tick> ticks = ticks(random, 50);
        ticks.forEach(t -> assertThat(history.add(t, spec)).isTrue());

        ticks.forEach(t -> assertThat(history.add(t, spec)).isFalse());
    }

    private static Decision decide(History history, Spec spec) {
        return Decider.decide(
                "r", history, CpuQuota.initial(spec), Rest.said(spec), TimeLine.COST, spec);
    }

    private static Spec spec(Random random) {
        int min = random.nextInt(3);
        return new Spec(
                random.nextInt(4) * random.nextInt(80),
                min,
                min + 1 + random.nextInt(50),
                1000L << random.nextInt(9),
                10 + random.nextInt(4000),
                4010,
                random.nextBoolean() ? ScalingRules.DEFAULT : rules(random));
    }

    private static ScalingRules rules(Random random) {
        return ScalingRules.parse(
                "utilisation=%d%%,window=%ds,panic-window=%d%%,panic-threshold=%d%%,max-up=%d,"
                                .formatted(
                                        1 + random.nextInt(100),
                                        6 + random.nextInt(200),
                                        1 + random.nextInt(100),
                                        110 + random.nextInt(500),
                                        2 + random.nextInt(999))
                        + "max-down=%d,down-delay=%ds,activation=%d"
                                .formatted(
                                        2 + random.nextInt(9),
                                        random.nextInt(100),
                                        1 + random.nextInt(5)));
    }

    private static List<Tick> ticks(Random random, int count) {
        List<Tick> ticks = new ArrayList<>();
        long now = TimeLine.BEGIN;
        double load = 0;
        for (int i = 0; i < count; i++) {
            // a tick may be late, seldom by more than a stable window; span is what went by at most
            long gap = random.nextInt(200) == 0 ? random.nextInt(100_000) : 0;
            long span = 400 + random.nextInt(200);
            now += span + gap;
            if (random.nextInt(20) == 0) {
                load = random.nextBoolean() ? 0 : random.nextDouble() * 500;
            }
            ticks.add(
                    new Tick(
                            now,
                            span,
                            load,
                            load > 0,
                            random.nextInt(60),
                            random.nextInt(5),
                            random.nextBoolean()));
        }
        return ticks;
    }

    /**
     * Blocks of some seconds shuffled, some ticks twice; the first stays first, as history's begin.
     */
    private static List<Tick> disordered(Random random, List<Tick> ticks) {
        List<Tick> all = new ArrayList<>();
        for (int begin = 0; begin < ticks.size(); begin += 20) {
            List<Tick> block =
                    new ArrayList<>(ticks.subList(begin, Math.min(ticks.size(), begin + 20)));
            long length = block.getLast().atMillis() - block.getFirst().atMillis();
            if (length < 50_000) {
                Collections.shuffle(block, random);
            }
            all.addAll(block);
            if (length < 50_000) {
                all.addAll(block.subList(0, random.nextInt(block.size())));
            }
        }
        return all;
    }
}
