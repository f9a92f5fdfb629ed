package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.job.FakeTasks;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class QuotaStarterTest {
    /** One CPU and 512 MiB. */
    private static final RevisionSpec HELLO = Revisions.of("hello", 80, 5);

    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private final ManualClock clock = new ManualClock();
    private final FakeTasks tasks = new FakeTasks(clock, "n1");
    private final AtomicReference<Quota> quota = new AtomicReference<>(Quota.NONE);
    private final QuotaStarter starter =
            new QuotaStarter(
                    runtime::start,
                    new QuotaGate(
                            runtime,
                            tasks,
                            service -> Optional.empty(),
                            project -> project.isDefault() ? quota.get() : Quota.NONE,
                            clock),
                    Runnable::run);

    private CompletableFuture<StartedInstance> start() {
        return starter.start(HELLO).toCompletableFuture();
    }

    private static HearthException refusal(CompletableFuture<StartedInstance> start) {
        try {
            start.join();
        } catch (CompletionException e) {
            return HearthException.from(e);
        }
        throw new AssertionError("it was started");
    }

    private void isRefused() {
        clock.advance(Duration.ofSeconds(1));
        HearthException why = refusal(start());
        assertThat(why.kind()).isEqualTo(ErrorKind.EXHAUSTED);
        assertThat(why.reason()).isEqualTo("quota-exceeded");
        assertThat(why.sentence()).contains("hello-00001-abc", "hearth quota");
    }

    @Test
    void start_withoutAQuota_isNotHeldUp() {
        for (int i = 0; i < 100; i++) {
            start();
        }
        assertThat(runtime.starts()).isEqualTo(100);
    }

    @Test
    void start_runningAndStartingOnesCount_untilTheyEnd() {
        quota.set(new Quota(0, 3, 0, 0, 0));
        start();
        start();
        StartedInstance first = runtime.succeed();
        start();
        isRefused();
        runtime.succeed();
        runtime.succeed();
        isRefused();
        runtime.stop(first.id(), StopReason.REQUESTED);
        clock.advance(Duration.ofSeconds(1));
        assertThat(start()).isNotDone();
        isRefused();
    }

    @Test
    void start_thatFails_countsNoMore() {
        quota.set(new Quota(0, 1, 0, 0, 0));
        CompletableFuture<StartedInstance> failing = start();
        isRefused();
        runtime.fail(new HearthException(ErrorKind.FAILED_PRECONDITION, "container-exited", "x"));
        assertThat(refusal(failing).reason()).isEqualTo("container-exited");
        clock.advance(Duration.ofSeconds(1));
        assertThat(start()).isNotDone();
    }

    @Test
    void start_beyondCpuOrMemory_refused() {
        quota.set(new Quota(0, 0, 1_999, 0, 0));
        start();
        isRefused();
        quota.set(new Quota(0, 0, 2_000, 0, 0));
        clock.advance(Duration.ofSeconds(1));
        start();
        quota.set(new Quota(0, 0, 0, 1L << 30, 0));
        isRefused();
        quota.set(new Quota(0, 0, 0, 3L << 29, 0));
        clock.advance(Duration.ofSeconds(1));
        assertThat(start()).isNotDone();
    }

    @Test
    void start_oneLargerThanTheQuota_refused() {
        quota.set(new Quota(0, 0, 500, 0, 0));
        isRefused();
    }

    @Test
    void start_besideTasksOfJobs_countsThem() {
        quota.set(new Quota(0, 2, 0, 0, 0));
        tasks.run("n1", Revisions.of("nightly-aaaaa", 80, 5), SecretValues.NONE);
        start();
        isRefused();
    }
}
