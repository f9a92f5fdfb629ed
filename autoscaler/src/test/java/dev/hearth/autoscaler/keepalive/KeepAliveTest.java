package dev.hearth.autoscaler.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepAliveTest {
    private static final int HORIZON = 240;
    private static final KeepAlive POLICY = new KeepAlive(10, 4, 6, 8, 0.3, 1);

    private static IdleTimes times(int count, int... minutes) {
        IdleTimes times = new IdleTimes();
        for (int i = 0; i < count; i++) {
            for (int m : minutes) {
                times.add(m);
            }
        }
        return times;
    }

    @Test
    void newRevision_keptForSomeMinutesAndThenNoMore() {
        BitSet there = POLICY.minutes(new IdleTimes(), 0.5, HORIZON);
        assertThat(there.nextClearBit(1)).isBetween(3, 10);
        assertThat(there.nextSetBit(there.nextClearBit(1))).isEqualTo(-1);
    }

    @Test
    void moreMemory_keptInFewerMinutes() {
        IdleTimes times = times(3, 2, 7, 30);
        BitSet small = POLICY.minutes(times, 0.01, HORIZON);
        BitSet large = POLICY.minutes(times, 1, HORIZON);
        assertThat(large.cardinality()).isPositive().isLessThan(small.cardinality());
        large.andNot(small);
        assertThat(large.isEmpty()).isTrue();
    }

    @Test
    void timer_loadedAheadOfItsTime() {
        BitSet there = POLICY.minutes(times(30, 60), 0.5, IdleTimes.LONGEST);
        assertThat(there.get(60)).isTrue();
        assertThat(there.get(10, 59).isEmpty()).isTrue();
    }

    @Test
    void timerThatIsLate_notWaitedForMuchLonger() {
        BitSet there = POLICY.minutes(times(30, 60), 0.5, IdleTimes.LONGEST);
        assertThat(there.get(120, IdleTimes.LONGEST).isEmpty()).isTrue();
    }

    @Test
    void busyRevision_keptForItsPauses() {
        BitSet there = POLICY.minutes(times(50, 1, 2, 3, 4), 0.5, HORIZON);
        assertThat(there.get(1, 5).cardinality()).isEqualTo(4);
        assertThat(there.get(10, HORIZON).isEmpty()).isTrue();
    }

    @Test
    void pausesThatAlternate_eachExpectedAfterTheOther() {
        IdleTimes times = times(40, 3, 40);
        assertThat(POLICY.minutes(times, 2, HORIZON).get(3)).as("after the long one").isTrue();
        times.add(3);
        BitSet afterTheShort = POLICY.minutes(times, 2, HORIZON);
        assertThat(afterTheShort.get(3)).isFalse();
        assertThat(afterTheShort.get(40)).isTrue();
    }

    @Test
    void pausesOfTheDayBefore_countAsThoughSeen() {
        IdleTimes seen = times(20, 3, 40);
        IdleTimes learned = new IdleTimes();
        learned.addAll(seen);
        assertThat(learned.all().at(40)).isEqualTo(20);
        assertThat(POLICY.minutes(learned, 0.5, HORIZON))
                .isEqualTo(POLICY.minutes(seen, 0.5, HORIZON));
    }

    @Test
    void coldStartThatCostsNothing_notKeptAtAll() {
        KeepAlive free = new KeepAlive(0.001, 4, 6, 8, 0.3, 1);
        assertThat(free.minutes(times(50, 1, 2, 3), 0.5, HORIZON).isEmpty()).isTrue();
    }

    @Test
    void coldStartThatCostsMuch_keptThroughout() {
        KeepAlive dear = new KeepAlive(1_000_000, 4, 6, 8, 0.3, 1);
        assertThat(dear.minutes(times(2, 100), 4, HORIZON).cardinality()).isEqualTo(HORIZON);
    }

    @Test
    void idleForMoreThanADay_countsAsADay() {
        IdleTimes times = times(1, 100_000);
        assertThat(times.all().count()).isEqualTo(1);
        assertThat(times.all().at(IdleTimes.LONGEST)).isEqualTo(1);
    }

    @Test
    void idleTimeWithoutAWholeMinute_isNone() {
        assertThat(times(5, 0).all().count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 60, IdleTimes.LONGEST})
    void around_spreadsEachIdleTimeOnce(int minutes) {
        IdleTimes times = times(1, minutes);
        double sum = 0;
        for (int i = 1; i <= IdleTimes.LONGEST; i++) {
            sum += times.all().around(i);
        }
        assertThat(sum).isCloseTo(1, within(1e-4));
        assertThat(times.all().around(minutes)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE})
    void idleForLessThanNothing_refused(int minutes) {
        assertThatThrownBy(() -> new IdleTimes().add(minutes))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
