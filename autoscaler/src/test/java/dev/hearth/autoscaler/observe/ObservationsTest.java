package dev.hearth.autoscaler.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ObservationsTest {
    private static final Bounds BOUNDS =
            new Bounds(80, 0, 100, 60_000, 1000, 1000, 1 << 29, "default");

    private final ManualClock clock = new ManualClock();
    private final Observations observations = new Observations(clock);

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

        assertThat(observations.size()).isEqualTo(2);
    }

    @Test
    void observe_moreRevisionsThanMost_longestSilentIsForgotten() {
        for (int i = 0; i < Observations.MOST_REVISIONS + 100; i++) {
            observations.observe(sample("r" + i, 1000, 1));
        }

        assertThat(observations.size()).isEqualTo(Observations.MOST_REVISIONS);
        // the newest is still known: twice is recognised
        assertThat(observations.observe(sample("r" + (Observations.MOST_REVISIONS + 99), 1000, 1)))
                .isEmpty();
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
