package dev.hearth.runtime.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TenancyTest {
    private static final RevisionSpec REVISION = Revisions.of("hello", 80, 10);

    private final ManualClock clock = new ManualClock();
    private final Tenancy tenancy = new Tenancy(clock);
    private final AtomicInteger starts = new AtomicInteger();

    private StartedInstance instance() {
        return new StartedInstance(
                InstanceId.of(starts.incrementAndGet()),
                REVISION.name(),
                "10.0.0." + starts.get(),
                8080,
                new StartTimings(Instant.EPOCH, 0, 0, 0, 0, 0));
    }

    private CompletionStage<StartedInstance> start(String gateway, long id) {
        return tenancy.start(
                gateway, id, REVISION, () -> CompletableFuture.completedFuture(instance()));
    }

    private static StartedInstance now(CompletionStage<StartedInstance> stage) {
        return stage.toCompletableFuture().join();
    }

    private static InstanceExit exit(InstanceId id) {
        return new InstanceExit(id, REVISION.name(), new ExitCause.Exited(0), Instant.EPOCH);
    }

    @Test
    void askedTwiceUnderOneNumber_startsOnce() {
        StartedInstance first = now(start("a", 7));
        assertThat(now(start("a", 7))).isEqualTo(first);
        assertThat(now(start("b", 7))).isNotEqualTo(first);
        assertThat(starts).hasValue(2);
    }

    @Test
    void numberOfAStartLongAgo_isForgotten() {
        now(start("a", 7));
        clock.advance(Duration.ofMinutes(6));
        now(start("a", 7));
        assertThat(starts).hasValue(2);
    }

    @Test
    void startThatFailed_mayBeTriedAgainUnderItsNumber() {
        CompletionStage<StartedInstance> failed =
                tenancy.start(
                        "a",
                        7,
                        REVISION,
                        () -> CompletableFuture.failedFuture(HearthException.invalid("no", "no")));
        assertThat(failed.toCompletableFuture()).isCompletedExceptionally();
        assertThat(now(start("a", 7)).id()).isEqualTo(InstanceId.of(1));
    }

    @Test
    void instance_isOnlyGivenAwayByWhoeverHasIt() {
        InstanceId id = now(start("a", 7)).id();
        assertThat(tenancy.own(id, "b", "c").orElseThrow().gateway()).isEqualTo("a");
        assertThat(tenancy.own(id, "a", "b").orElseThrow().gateway()).isEqualTo("b");
        assertThat(tenancy.lease(id).orElseThrow().gateway()).isEqualTo("b");
        assertThat(tenancy.own(InstanceId.of(99), "a", "b")).isEmpty();
    }

    @Test
    void instanceThatEnds_isNobodys_andNotReached() {
        StartedInstance one = now(start("a", 7));
        assertThat(tenancy.isInstance(one.host(), one.port())).isTrue();
        assertThat(tenancy.isInstance(one.host(), one.port() + 1)).isFalse();
        tenancy.ended(exit(one.id()));
        assertThat(tenancy.lease(one.id())).isEmpty();
        assertThat(tenancy.isInstance(one.host(), one.port())).isFalse();
    }

    /** The end may be told by another thread, sooner than the beginning. */
    @Test
    void instanceThatEndsBeforeItsStartIsTold_isNobodys() {
        CompletableFuture<StartedInstance> late = new CompletableFuture<>();
        tenancy.start("a", 7, REVISION, () -> late);
        StartedInstance one = instance();
        tenancy.ended(exit(one.id()));
        late.complete(one);
        assertThat(tenancy.lease(one.id())).isEmpty();
        assertThat(tenancy.all()).isEmpty();
    }
}
