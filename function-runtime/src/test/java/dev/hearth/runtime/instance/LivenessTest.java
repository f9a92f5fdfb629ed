package dev.hearth.runtime.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Probe;
import dev.hearth.runtime.instance.Liveness.Condition;
import dev.hearth.testing.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private Condition condition = Condition.RUNS;
    private boolean well;
    private Duration takes = Duration.ZERO;
    private Runnable meanwhile = () -> {};
    private final AtomicInteger tries = new AtomicInteger();
    private final Liveness liveness =
            new Liveness(Probe.parse("http:/,failures=3"), this::attempt, clock);

    private boolean attempt() throws IOException {
        tries.incrementAndGet();
        clock.advance(takes);
        meanwhile.run();
        if (condition == Condition.ENDS) {
            throw new IOException("gone");
        }
        return well;
    }

    private boolean isGivenUp() {
        return liveness.isGivenUp(() -> condition);
    }

    @Test
    void failures_inARow_thirdIsTheLast() {
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isTrue();
    }

    @Test
    void success_inBetween_beginsAnew() {
        isGivenUp();
        isGivenUp();
        well = true;
        assertThat(isGivenUp()).isFalse();
        well = false;
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isTrue();
    }

    @Test
    void frozen_isNotTriedAndBeginsAnew() {
        isGivenUp();
        isGivenUp();
        condition = Condition.STANDS;
        for (int i = 0; i < 10; i++) {
            assertThat(isGivenUp()).isFalse();
        }
        assertThat(tries).hasValue(2);

        condition = Condition.RUNS;
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isTrue();
    }

    @Test
    void frozenDuringATry_isNoFailure() {
        meanwhile = () -> condition = Condition.STANDS;
        for (int i = 0; i < 10; i++) {
            condition = Condition.RUNS;
            assertThat(isGivenUp()).isFalse();
        }
    }

    @Test
    void lateOnASliverOfCpu_isNoFailure_butRefusedIs() {
        condition = Condition.HAS_A_SLIVER;
        takes = TIMEOUT;
        for (int i = 0; i < 10; i++) {
            assertThat(isGivenUp()).isFalse();
        }

        takes = Duration.ofMillis(1);
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isFalse();
        assertThat(isGivenUp()).isTrue();
    }

    @Test
    void lateWithItsCpu_isAFailure() {
        takes = TIMEOUT;
        isGivenUp();
        isGivenUp();
        assertThat(isGivenUp()).isTrue();
    }

    @Test
    void endsDuringTheLastTry_isNotKilled() {
        isGivenUp();
        isGivenUp();
        meanwhile = () -> condition = Condition.ENDS;
        assertThat(isGivenUp()).isFalse();
    }
}
