package dev.hearth.autoscaler.decide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

    // ---- started ahead

    /** A visit every {@code minutes}, as a gateway tells of it: nothing is said while at zero. */
    private Life visitedEvery(int minutes, int times, double start, long memory) {
        Life life = new Life(sample(now, 1, 1, start, memory));
        for (int visit = 0; visit < times; visit++) {
            long next = now + minutes * 60_000L;
            ready = 1;
            seconds(life, 2, 1, start, memory);
            untilZero(life, next, start, memory);
            now = next;
        }
        ready = 1;
        seconds(life, 2, 1, start, memory);
        return life;
    }

    private void untilZero(Life life, long end, double start, long memory) {
        while (ready > 0 && now + 1000 < end) {
            seconds(life, 1, 0, start, memory);
        }
        if (ready == 0) {
            seconds(life, 1, 0, start, memory); // the last word about it
        }
    }

    /** Second by second from now on; the time at which one is started ahead, 0 for not. */
    private long startedAhead(Life life, long until) {
        for (long at = now; at < until; at += 1000) {
            Optional<Decision> ahead = life.expect(at);
            if (ahead.isPresent()) {
                last = ahead.get();
                return at;
            }
        }
        return 0;
    }

    @Test
    void expect_visitsEveryHour_startedShortlyBeforeTheNext_andDroppedWhenItDoesNotCome() {
        Life life = visitedEvery(60, 60, 2000, 8 * 1024 * MIB);
        long visited = now;
        untilZero(life, visited + 50 * 60_000, 2000, 8 * 1024 * MIB);
        assertThat(ready).as("it is not kept for the hour").isZero();
        now = Math.max(now, visited + 20 * 60_000);

        long at = startedAhead(life, visited + 70 * 60_000);

        assertThat(at)
                .as("a minute before the visit")
                .isBetween(visited + 58 * 60_000, visited + 60 * 60_000 - 4_000);
        assertThat(last.wake()).isTrue();
        assertThat(last.instances()).isEqualTo(1);
        assertThat(last.why()).contains("in minute 59", "a start of 2.000 s", "ahead of it");
        now = at + 1_000;
        assertThat(startedAhead(life, visited + 60 * 60_000)).as("said once").isZero();

        // it is there, and kept for the time in which the visit is likely
        now = at + 4_000;
        ready = 1;
        seconds(life, 60, 0, 2000, 8 * 1024 * MIB);
        assertThat(ready).isEqualTo(1);
        // and no longer
        seconds(life, 10 * 60, 0, 2000, 8 * 1024 * MIB);
        assertThat(ready).isZero();
    }

    @Test
    void expect_requestComesAfterAll_isServedByTheOneAhead_andPausesAreLearnedOn() {
        Life life = visitedEvery(60, 60, 2000, 8 * 1024 * MIB);
        long visited = now;
        untilZero(life, visited + 50 * 60_000, 2000, 8 * 1024 * MIB);
        now = startedAhead(life, visited + 70 * 60_000) + 4_000;
        ready = 1;
        seconds(life, 30, 0, 2000, 8 * 1024 * MIB);
        assertThat(seconds(life, 2, 1, 2000, 8 * 1024 * MIB).instances()).isEqualTo(1);
        assertThat(last.warmth()).isEqualTo(dev.hearth.contracts.Warmth.READY);
        untilZero(life, now + 50 * 60_000, 2000, 8 * 1024 * MIB);
        assertThat(ready).isZero();
        assertThat(startedAhead(life, now + 70 * 60_000)).isPositive();
    }

    @Test
    void expect_startOfThreeMilliseconds_neverAhead() {
        Life life = visitedEvery(60, 60, 3, 8 * MIB);
        untilZero(life, now + 50 * 60_000, 3, 8 * MIB);
        assertThat(startedAhead(life, now + 24 * 3_600_000)).isZero();
    }

    @Test
    void expect_withoutAPattern_neverAhead() {
        Life life = begin(2000, 8 * 1024 * MIB);
        untilZero(life, now + 24 * 3_600_000, 2000, 8 * 1024 * MIB);
        assertThat(ready).isZero();
        assertThat(startedAhead(life, now + 24 * 3_600_000)).isZero();
    }

    @Test
    void expect_instanceThere_nothingIsSaid() {
        Life life = visitedEvery(60, 60, 2000, 8 * 1024 * MIB);
        seconds(life, 1, 0, 2000, 8 * 1024 * MIB);
        ready = 1;
        assertThat(startedAhead(life, now + 70 * 60_000)).isZero();
    }

    /** What an autoscaler that began anew reads of the day before says the same. */
    @Test
    void remember_pausesOfTheDayBefore_expectedAsByTheOneThatSawThem() {
        Life seen = visitedEvery(60, 20, 2000, 8 * 1024 * MIB);
        untilZero(seen, now + 50 * 60_000, 2000, 8 * 1024 * MIB);
        long after = now;
        long expected = startedAhead(seen, after + 70 * 60_000);
        assertThat(expected).isPositive();

        Pauses day = new Pauses();
        for (int visit = 0; visit <= 20; visit++) {
            day.observe(
                    sample(TimeLine.BEGIN + visit * 3_600_000L + 2000, 1, 1, 2000, 8 * 1024 * MIB));
        }
        Life anew = new Life(sample(after, 0, 0, 2000, 8 * 1024 * MIB));
        anew.observe(sample(after, 0, 0, 2000, 8 * 1024 * MIB));
        anew.remember(day, true);
        anew.remember(day, true); // twice is once
        assertThat(startedAhead(anew, after + 70 * 60_000)).isCloseTo(expected, within(2_000L));
    }
}
