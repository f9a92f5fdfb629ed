package dev.hearth.autoscaler.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ObservationsTest {
    private static final Bounds BOUNDS =
            new Bounds(80, 0, 100, 60_000, 1000, 1000, 1 << 29, "default");

    private final ManualClock clock = new ManualClock();
    private static final int MOST = 200;
    private final Observations observations = new Observations(clock, MOST);

    @Test
    void observe_sample_decides() {
        assertThat(observations.observe(sample("a", 1000, 1)))
                .hasValueSatisfying(
                        d -> {
                            assertThat(d.revision()).isEqualTo("a");
                            assertThat(d.atMillis()).isEqualTo(1000);
                            assertThat(d.instances()).isEqualTo(1);
                        });
    }

    @Test
    void observe_lateOrDoubleSample_decidesNothing() {
        observations.observe(sample("a", 2000, 1));

        assertThat(observations.observe(sample("a", 2000, 1))).isEmpty();
        assertThat(observations.observe(sample("a", 1500, 1))).isEmpty();
    }

    @Test
    void observe_silentForAnHourWithoutInstances_forgotten() {
        observations.observe(sample("gone", 1000, 0));
        observations.observe(sample("unreachable", 1000, 3));

        clock.advance(Duration.ofMinutes(61));
        observations.observe(sample("alive", 1000, 1));

        assertThat(observations.expected()).isEmpty();
        assertThat(observations.size()).isEqualTo(2);
    }

    @Test
    void observe_moreRevisionsThanMost_longestSilentIsForgotten() {
        for (int i = 0; i < MOST + 100; i++) {
            observations.observe(sample("r" + i, 1000, 1));
        }

        assertThat(observations.size()).isEqualTo(MOST);
        // the newest is still known: twice is recognised
        assertThat(observations.observe(sample("r" + (MOST + 99), 1000, 1))).isEmpty();
    }

    @Test
    void mostFor_aQuarterOfTheHeap_neverFewerThanTwoThousand() {
        assertThat(Observations.mostFor(64L << 20)).isEqualTo(2_000);
        assertThat(Observations.mostFor(1L << 30)).isEqualTo(8_192);
    }

    @Test
    void expected_afterADayOfRegularRequests_startedAheadOfTheNext_alsoByOneThatReadsOfThem() {
        DayBefore day = new DayBefore(MOST);
        long last = 0;
        for (int hour = 0; hour < 20; hour++) {
            last = Duration.ofHours(hour).toMillis() + 2000;
            day.observe(learning("hourly", last, 1));
            day.observe(learning("hourly", last + 500, 0));
            day.observe(sample("fixed", last, 1));
        }
        clock.advance(Duration.ofMillis(last));
        day.pasts(true).forEach(observations::remember);
        assertThat(observations.size()).isEqualTo(1);

        int ahead = 0;
        for (int second = 0; second < 3600; second++) {
            clock.advance(Duration.ofSeconds(1));
            for (Decision decision : observations.expected()) {
                ahead++;
                assertThat(decision.revision()).isEqualTo("hourly");
                assertThat(decision.wake()).isTrue();
                assertThat(decision.atMillis()).isEqualTo(clock.now().toEpochMilli());
                assertThat(second).isBetween(58 * 60, 59 * 60);
            }
        }
        assertThat(ahead).isEqualTo(1);
    }

    @Test
    void remember_anInstanceThatTheLogEndsWith_isNotTakenForOneThatIsThere() {
        DayBefore day = new DayBefore(MOST);
        day.observe(learning("cut-off", 1000, 1));
        day.pasts(false).forEach(observations::remember);
        clock.advance(Duration.ofHours(25));
        observations.expected();
        assertThat(observations.size()).isZero();
    }

    /** With an instance while there is demand. */
    private static DemandSample learning(String revision, long atMillis, int concurrency) {
        DemandSample.Bounds bounds =
                new DemandSample.Bounds(80, 0, 10, 0, 1000, 1000, 4L << 30, "default");
        return new DemandSample(
                1, revision, atMillis, 500, concurrency, 0, concurrency, 0, 1, 1, 2000, bounds);
    }

    private static DemandSample sample(String revision, long atMillis, int instances) {
        return new DemandSample(1, revision, atMillis, 500, 1, 0, instances, 0, 1, 1, 0, BOUNDS);
    }

    private static final class ManualClock implements Clock {
        private long nanos;

        void advance(Duration duration) {
            nanos += duration.toNanos();
        }

        @Override
        public Instant now() {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public long nanos() {
            return nanos;
        }
    }
}
