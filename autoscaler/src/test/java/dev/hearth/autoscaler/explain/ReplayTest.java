package dev.hearth.autoscaler.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.ScalingChange;
import dev.hearth.contracts.ScalingPort.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final Bounds BOUNDS =
            new Bounds(10, 0, 100, 60_000, 500, 500, 1L << 30, "default");

    private final List<DemandSample> samples = new ArrayList<>();
    private long now = 1_700_000_000_000L;
    private int ready;

    /** So many seconds of this concurrency, two samples each. */
    private void seconds(int seconds, double concurrency) {
        for (int i = 0; i < 2 * seconds; i++) {
            now += 500;
            ready = concurrency > 0 ? Math.max(1, ready) : ready;
            samples.add(
                    new DemandSample(
                            1, "r", now, 500, concurrency, 0, ready, 0, 5, 5, 100, BOUNDS));
        }
    }

    /** What the gateway does not speak of. */
    private void silence(int seconds) {
        now += seconds * 1000L;
        ready = 0;
    }

    private Outcome outcome(String change) {
        return Replay.of(samples, ScalingChange.parse(change));
    }

    @Test
    void of_visitsWithPauses_coldStartsFollowTheIdleTime() {
        for (int visit = 0; visit < 4; visit++) {
            seconds(10, 2);
            seconds(60, 0); // until it is stopped, as the idle time of then has it
            silence(120);
        }

        // the first is warm: an instance was there when the log begins
        assertThat(outcome("").coldStarts()).isEqualTo(3);
        assertThat(outcome("idle=10m").coldStarts()).isZero();
        assertThat(outcome("idle=5s").coldStarts()).isEqualTo(3);
        // 10 s with, and 60, 5 or all 170 s without requests, but for the last visit's end
        assertThat(outcome("").instanceSeconds()).isCloseTo(4 * 70, within(4.0));
        assertThat(outcome("idle=5s").instanceSeconds()).isCloseTo(4 * 15, within(4.0));
        assertThat(outcome("idle=10m").instanceSeconds()).isCloseTo(3 * 190 + 70, within(6.0));
    }

    @Test
    void of_busyTime_isWhatIsBilled() {
        seconds(100, 0.5);

        Outcome outcome = outcome("");
        // half the time a request is in flight, on 500m and 1 GiB; 5 requests in each half second
        assertThat(outcome.busySeconds()).isCloseTo(50, within(1.0));
        assertThat(outcome.vcpuSeconds()).isCloseTo(25, within(0.5));
        assertThat(outcome.gibSeconds()).isCloseTo(50, within(1.0));
        assertThat(outcome.requests()).isEqualTo(1000);
    }

    @Test
    void of_lowerTarget_moreInstances() {
        seconds(120, 7);

        assertThat(outcome("").most()).isEqualTo(1);
        assertThat(outcome("target=2,utilisation=100%").most()).isEqualTo(4);
        assertThat(outcome("target=2,max=3").most()).isEqualTo(3);
        assertThat(outcome("min=6").most()).isEqualTo(6);
    }

    @Test
    void of_moreRequestsThanPlaces_startsAsTheGatewayDoes() {
        seconds(1, 35);

        assertThat(outcome("").starts()).isGreaterThanOrEqualTo(3);
        assertThat(outcome("max=2").most()).isEqualTo(2);
    }

    /**
     * With an idle time that is learned, hourly visits are started ahead of once they are known.
     */
    @Test
    void of_hourlyVisits_learnedIdleTime_startsAheadOfThem() {
        int visits = 23;
        for (int visit = 0; visit < visits; visit++) {
            seconds(4, 1);
            silence(3596);
        }
        Outcome fixed = outcome("idle=5m");
        Outcome learned = outcome("idle=auto");

        assertThat(fixed.coldStarts()).isEqualTo(visits - 1);
        assertThat(learned.coldStarts()).isLessThan(fixed.coldStarts());
        assertThat(learned.starts()).isPositive();
    }

    @Test
    void of_nothing_nothing() {
        assertThat(outcome("")).isEqualTo(Outcome.NONE);
    }
}
