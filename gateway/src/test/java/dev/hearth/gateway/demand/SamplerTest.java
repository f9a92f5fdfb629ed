package dev.hearth.gateway.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.limit.RequestLimits;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.usage.Meter;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private final ManualClock clock = new ManualClock();
    private final RevisionPool pool =
            new RevisionPool(Revisions.of("hello", 80, 10), new FakeRuntime("127.0.0.1", 1), clock);
    private final List<DemandSample> samples = new ArrayList<>();
    private final Sampler sampler = new Sampler(() -> List.of(pool), samples::add, clock);

    private void pass(Duration time) {
        pass(sampler, time);
    }

    private void pass(Sampler sampler, Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += 50) {
            clock.advance(Duration.ofMillis(50));
            sampler.tick();
        }
    }

    /** A pause of an hour is no part of what came after it: whoever learns from pauses sees it. */
    @Test
    void requestAfterARest_itsSampleSpansNoneOfTheRest() {
        pass(Duration.ofHours(1));
        assertThat(samples).isEmpty();
        pool.demand().begin();
        pass(Duration.ofMillis(500));
        pool.demand().end();
        pass(Duration.ofMillis(500));

        assertThat(samples).hasSizeGreaterThanOrEqualTo(1);
        assertThat(samples.getFirst().spanMillis()).isEqualTo(500);
        assertThat(samples.getFirst().concurrency()).isCloseTo(1, within(0.11));
        assertThat(samples).allSatisfy(s -> assertThat(s.spanMillis()).isLessThanOrEqualTo(500));
    }

    /** Ten thousand revisions without instances cost the heartbeat nothing. */
    @Test
    void atRest_isNotLookedAt_untilSomethingHappens() {
        Set<RevisionPool> awake = ConcurrentHashMap.newKeySet();
        FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
        RevisionPool one =
                new RevisionPool(
                        Revisions.of("hello", 80, 10),
                        runtime,
                        clock,
                        RequestLimits.NONE,
                        Meter.unread(Revisions.of("hello", 80, 10)),
                        awake,
                        runtime::start);
        Sampler all = new Sampler(() -> awake, samples::add, clock);
        assertThat(awake).isEmpty();

        one.prove();
        assertThat(awake).containsExactly(one);
        runtime.succeed();
        pass(all, Duration.ofSeconds(10));
        assertThat(awake).containsExactly(one); // it has an instance
        one.stopInstances(StopReason.REQUESTED);
        pass(all, Duration.ofSeconds(2));
        assertThat(awake).isEmpty();
        assertThat(samples.getLast().instances()).isZero();

        one.close(StopReason.DELETED);
        assertThat(awake).containsExactly(one);
    }

    @Test
    void atRest_neverSpokenOf_againAfterItsLastWord() {
        pool.demand().begin();
        pass(Duration.ofSeconds(1));
        pool.demand().end();
        pass(Duration.ofSeconds(2));
        int told = samples.size();
        pass(Duration.ofMinutes(1));
        assertThat(samples).hasSize(told);
        assertThat(samples.getLast().concurrency()).isZero();
    }
}
