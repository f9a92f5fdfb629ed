package dev.hearth.gateway.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.contracts.Clock;
import dev.hearth.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
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

    @Test
    void tick_requestsOfATick_counted() {
        meter.begin();
        meter.begin();
        meter.end();
        clock.advance(Duration.ofSeconds(1));
        DemandMeter.Tick first = meter.tick();
        meter.end();
        clock.advance(Duration.ofSeconds(1));
        DemandMeter.Tick second = meter.tick();

        assertThat(first.arrivals()).isEqualTo(2);
        assertThat(first.completions()).isEqualTo(1);
        assertThat(second.arrivals()).isZero();
        assertThat(second.completions()).isEqualTo(1);
    }

    /** A request that was caught between its time and its count once made a burst of thousands. */
    @Test
    void tick_whileRequestsComeAndGo_noBurstThatIsNone() throws Exception {
        DemandMeter busy = new DemandMeter(Clock.system());
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            clients.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!over.get()) {
                                            busy.begin();
                                            busy.end();
                                            LockSupport.parkNanos(1000);
                                        }
                                    }));
        }
        double most = 0;
        try {
            for (int i = 0; i < 500_000; i++) {
                most = Math.max(most, busy.tick().concurrency());
            }
        } finally {
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
        // two at a time; a client that is put to sleep between clock and count weighs some more in
        // the
        // microsecond of such a tick, but not all the time since the machine was started
        assertThat(most).isLessThan(1000);
    }
}
