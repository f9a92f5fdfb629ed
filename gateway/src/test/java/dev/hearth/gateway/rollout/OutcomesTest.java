package dev.hearth.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutcomesTest {
    private final Outcomes outcomes = new Outcomes();

    @Test
    void ended_ofEveryKind_countsWhatTheRevisionDid() {
        outcomes.ended(true, 200);
        outcomes.ended(true, 404);
        outcomes.ended(true, 500);
        outcomes.ended(true, 504);
        outcomes.ended(false, 503); // no instance could be started
        outcomes.ended(false, 429); // too many requests
        outcomes.ended(true, 499); // the client has gone

        Outcomes.Counts counts = outcomes.counts();
        assertThat(counts.requests()).isEqualTo(5);
        assertThat(counts.failed()).isEqualTo(3);
    }

    @Test
    void classes_ofAllTimes_followEachOtherAndAreAnEighthWide() {
        long before = 0;
        for (int i = 0; i < Latencies.CLASSES - 1; i++) {
            long end = Latencies.endNanos(i);
            assertThat(end).isGreaterThan(before);
            assertThat(Latencies.classOf(end - 1)).isEqualTo(i);
            assertThat(Latencies.classOf(end)).isEqualTo(i + 1);
            assertThat(end - before).isLessThanOrEqualTo(Math.max(1000, before / 8));
            before = end;
        }
        assertThat(Latencies.classOf(Long.MAX_VALUE)).isEqualTo(Latencies.CLASSES - 1);
        assertThat(Latencies.classOf(-1)).isZero();
    }

    @Test
    void quantile_ofKnownTimes_isRightToAnEighth() {
        for (int millis = 1; millis <= 1000; millis++) {
            outcomes.answered(Duration.ofMillis(millis).toNanos());
        }

        Latencies latencies = outcomes.counts().latencies();
        assertThat(latencies.total()).isEqualTo(1000);
        assertThat(latencies.quantileNanos(0.95) / 1e6).isBetween(950.0, 950 * 1.125);
        assertThat(latencies.quantileNanos(0.99) / 1e6).isBetween(990.0, 990 * 1.125);
        assertThat(latencies.slowerThan(Duration.ofMillis(500).toNanos())).isBetween(440L, 500L);
        assertThat(new Outcomes().counts().latencies().quantileNanos(0.95)).isZero();
    }
}
