package dev.hearth.autoscaler.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Idle times that are learned rather than said: what starts at once goes at once. */
class LifeTest {
    private static final long MIB = 1 << 20;

    private long now = TimeLine.BEGIN;
    private int ready = 1;
    private Decision last;

    private static DemandSample sample(
            long at, double concurrency, int ready, double startMillis, long memory) {
        return new DemandSample(
                1,
                "r",
                at,
                500,
                concurrency,
                0,
                ready,
                0,
                1,
                1,
                startMillis,
                new Bounds(80, 0, 10, 0, 1000, 1000, memory, "default"));
    }

    /** So many seconds of this concurrency; instances follow what is decided. */
    private Decision seconds(
            Life life, int seconds, double concurrency, double start, long memory) {
        for (int i = 0; i < 2 * seconds; i++) {
            now += 500;
            Optional<Decision> decision =
                    life.observe(sample(now, concurrency, ready, start, memory));
            last = decision.orElseThrow();
            ready = last.instances();
        }
        return last;
    }

    private Life begin(double start, long memory) {
        Life life = new Life(sample(now, 1, 1, start, memory));
        seconds(life, 10, 1, start, memory);
        return life;
    }

    @Test
    void idle_startOfThreeMilliseconds_goneAtOnce() {
        Life life = begin(3, 128 * MIB);

        assertThat(seconds(life, 4, 0, 3, 128 * MIB).instances()).isEqualTo(1);
        Decision gone = seconds(life, 2, 0, 3, 128 * MIB);
        assertThat(gone.instances()).isZero();
        assertThat(gone.why()).contains("a start of 0.003 s and 128 MiB", "not likely enough");
    }

    @Test
    void idle_startOfThreeSeconds_keptForLong() {
        Life life = begin(3000, 512 * MIB);

        Decision kept = seconds(life, 20 * 60, 0, 3000, 512 * MIB);
        assertThat(kept.instances()).isEqualTo(1);
        assertThat(kept.why()).contains("a start of 3.000 s and 512 MiB", "is likely enough");
    }

    @Test
    void idle_muchMemory_isKeptForLess() {
        Life small = begin(300, 128 * MIB);
        assertThat(seconds(small, 10 * 60, 0, 300, 128 * MIB).instances()).isEqualTo(1);
        ready = 1;
        Life large = begin(300, 16 * 1024 * MIB);
        assertThat(seconds(large, 10 * 60, 0, 300, 16 * 1024 * MIB).instances()).isZero();
    }

    @Test
    void idle_requestsThatComeEveryTenMinutes_areWaitedForOnceThatIsKnown() {
        // 60 ms and 512 MiB: at large worth three minutes
        Life life = begin(60, 512 * MIB);
        seconds(life, 10 * 60, 0, 60, 512 * MIB);
        assertThat(ready).isZero();
        for (int visit = 0; visit < 40; visit++) {
            ready = 1;
            seconds(life, 2, 1, 60, 512 * MIB);
            seconds(life, 10 * 60 - 2, 0, 60, 512 * MIB);
        }
        // the minute before the next one is worth being there for
        ready = 1;
        seconds(life, 2, 1, 60, 512 * MIB);
        assertThat(seconds(life, 9 * 60, 0, 60, 512 * MIB).why()).isNotEmpty();
        ready = 1;
        assertThat(seconds(life, 30, 0, 60, 512 * MIB).instances()).isEqualTo(1);
    }
}
