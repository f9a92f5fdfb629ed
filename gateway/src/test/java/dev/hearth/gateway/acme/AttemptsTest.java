package dev.hearth.gateway.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    @Test
    void renewal_atTwoThirdsOfTheLife() {
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(Attempts.renewal(from, from.plus(Duration.ofDays(90))))
                .isEqualTo(from.plus(Duration.ofDays(60)));
        assertThat(Attempts.renewal(from, from.plus(Duration.ofDays(6))))
                .isEqualTo(from.plus(Duration.ofDays(4)));
    }

    @Test
    void pause_growsToSixHours() {
        assertThat(IntStream.rangeClosed(1, 6).mapToObj(Attempts::pause).map(Duration::toMinutes))
                .containsExactly(1L, 4L, 16L, 64L, 256L, 360L);
        assertThat(Attempts.pause(1_000_000)).isEqualTo(Duration.ofHours(6));
    }

    @Test
    void pause_noMoreThanFourFailuresInAnHour() {
        long minutes = 0;
        int within = 0;
        for (int failures = 1; minutes <= 60; failures++) {
            within++;
            minutes += Attempts.pause(failures).toMinutes();
        }
        assertThat(within).isLessThanOrEqualTo(4);
    }
}
