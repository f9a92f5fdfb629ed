package dev.hearth.gateway.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DemandMeterTest {
    private final ManualClock clock = new ManualClock();
    private final DemandMeter meter = new DemandMeter(clock);

    @Test
    void tick_overlappingRequests_averageOverTime() {
        meter.begin(); // 0 s to 4 s
        clock.advance(Duration.ofSeconds(2));
        meter.begin(); // 2 s, still there
        clock.advance(Duration.ofSeconds(2));
        meter.end();
        clock.advance(Duration.ofSeconds(2));
        // second 6: 4 + 4 request-seconds over 6 s
        assertThat(meter.tick().concurrency()).isCloseTo(8.0 / 6, within(1e-9));
        clock.advance(Duration.ofSeconds(1));
        assertThat(meter.tick().concurrency()).isCloseTo(1.0, within(1e-9));
        meter.end();
        clock.advance(Duration.ofSeconds(1));
        assertThat(meter.tick().concurrency()).isZero();
        assertThat(meter.active()).isZero();
    }

    @Test
    void tick_shortRequestsBetweenTicks_areNotMissed() {
        for (int i = 0; i < 100; i++) {
            meter.begin();
            clock.advance(Duration.ofMillis(5));
            meter.end();
            clock.advance(Duration.ofMillis(5));
        }
        assertThat(meter.tick().concurrency()).isCloseTo(0.5, within(1e-9));
    }
}
