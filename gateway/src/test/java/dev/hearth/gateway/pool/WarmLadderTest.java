package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.FakeRuntime.Move;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Instances without requests go down the warm ladder by decisions, and up with a request. */
class WarmLadderTest {
    private final ManualClock clock = new ManualClock();
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final RevisionPool pool =
            new RevisionPool(Revisions.of("hello", 80, 5), runtime, clock);
    private long decided;

    private InstanceId started() {
        pool.prove().join();
        return runtime.instances().getFirst().id();
    }

    private void apply(int instances, Warmth warmth) {
        int idle = warmth == Warmth.READY ? 1000 : 50;
        pool.apply(
                new Decision(
                        1,
                        "hello-00001-abc",
                        clock.now().toEpochMilli() + ++decided,
                        instances,
                        1000,
                        idle,
                        warmth,
                        false,
                        "test"));
    }

    private void pass(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    private Reservation reserve() {
        Reservation reservation = pool.tryReserve();
        assertThat(reservation).isNotNull();
        return reservation;
    }

    @Test
    void ladder_downByDecisions_upByARequest() {
        InstanceId id = started();
        pass(10);
        apply(1, Warmth.IDLE);
        assertThat(runtime.quotas()).containsExactly(new FakeRuntime.Quota(id, new Cpu(50), true));
        apply(1, Warmth.FROZEN);
        apply(1, Warmth.FROZEN); // said again: nothing more to do
        apply(1, Warmth.PAGED);
        assertThat(runtime.moves())
                .containsExactly(new Move(id, Warmth.FROZEN), new Move(id, Warmth.PAGED));

        Reservation first = reserve();

        assertThat(first.thaw()).isNull(); // it is over already
        assertThat(runtime.moves()).last().isEqualTo(new Move(id, Warmth.IDLE));
        assertThat(runtime.quotas())
                .last()
                .isEqualTo(new FakeRuntime.Quota(id, new Cpu(1000), false));
    }

    @Test
    void thaw_everyRequestWaitsForIt_andItIsAskedForOnce() {
        InstanceId id = started();
        pass(10);
        apply(1, Warmth.FROZEN);
        runtime.thawSlowly();

        CompletableFuture<Void> first = reserve().thaw();
        CompletableFuture<Void> second = reserve().thaw();

        assertThat(first).isNotNull().isNotDone();
        assertThat(second).isNotNull().isNotDone();
        assertThat(runtime.moves()).hasSize(2);
        runtime.thawed(id);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(reserve().thaw()).isNull();
    }

    @Test
    void apply_colderThanItsStart_notBeforeTenSecondsHavePassed() {
        started();
        apply(1, Warmth.FROZEN); // its revision rested for long, it does not yet
        assertThat(runtime.moves()).isEmpty();
        pass(9);
        apply(1, Warmth.FROZEN);
        assertThat(runtime.moves()).isEmpty();
        pass(1);
        apply(1, Warmth.FROZEN);
        assertThat(runtime.moves()).hasSize(1);
    }

    @Test
    void apply_decidedBeforeTheLastRequest_notFrozen() {
        started();
        pass(10);
        reserve().release();
        apply(1, Warmth.FROZEN);
        assertThat(runtime.moves()).isEmpty();
    }

    @Test
    void apply_warmerThanWhereItStands_onlyARequestWakesIt() {
        started();
        pass(10);
        apply(1, Warmth.FROZEN);
        apply(1, Warmth.IDLE);
        apply(1, Warmth.READY);
        assertThat(runtime.moves()).hasSize(1);
    }

    @Test
    void apply_requestInFlight_staysReady() {
        started();
        Reservation busy = reserve();
        pass(60);
        apply(1, Warmth.FROZEN);
        assertThat(runtime.moves()).isEmpty();
        assertThat(runtime.quotas()).isEmpty();
        busy.release();
    }

    @Test
    void frozen_noLongerWanted_isStopped() {
        InstanceId id = started();
        pass(10);
        apply(1, Warmth.FROZEN);
        pass(60);
        apply(0, Warmth.FROZEN);
        assertThat(runtime.stops())
                .containsExactly(new FakeRuntime.Stopped(id, StopReason.SCALED_DOWN));
    }

    @Test
    void adopt_frozenInstance_thawsForItsFirstRequest() {
        InstanceId id = runtime.left(pool.revision());
        pool.adopt(
                new dev.hearth.contracts.RuntimePort.Left(
                        new dev.hearth.contracts.StartedInstance(
                                id,
                                pool.revision().name(),
                                "127.0.0.1",
                                1,
                                new dev.hearth.contracts.StartTimings(clock.now(), 0, 0, 0, 0, 0)),
                        true));
        reserve();
        assertThat(runtime.moves()).containsExactly(new Move(id, Warmth.IDLE));
    }

    @Test
    void frozenTime_isNotBilled() {
        started();
        long start = pool.meter().billedNanos();
        pass(10);
        apply(1, Warmth.FROZEN);
        pass(3600);
        pool.tick();
        assertThat(pool.meter().billedNanos()).isEqualTo(start);
        reserve().release();
        assertThat(pool.meter().billedNanos()).isEqualTo(start + BusyTime.SLICE_NANOS);
    }

    // ---- started ahead of a request

    private Decision ahead(long atMillis) {
        return new Decision(
                1, "hello-00001-abc", atMillis, 1, 1000, 1000, Warmth.READY, true, "test");
    }

    private long now() {
        return clock.now().toEpochMilli();
    }

    @Test
    void ahead_nothingThere_oneIsStarted_andOnlyOne() {
        pool.apply(ahead(now()));
        assertThat(pool.ready()).isEqualTo(1);
        pool.apply(ahead(now()));
        pool.apply(ahead(now() + 1));
        assertThat(runtime.starts()).isEqualTo(1);
        assertThat(reserve().instance()).isNotNull();
    }

    @Test
    void ahead_deliveredAgain_afterItsInstanceWasDropped_startsNothing() {
        Decision once = ahead(now());
        pool.apply(once);
        pass(1);
        apply(0, Warmth.READY);
        assertThat(pool.ready()).isZero();
        pool.apply(once);
        assertThat(runtime.starts()).isEqualTo(1);
    }

    @Test
    void ahead_toldTooLate_orBeforeTheRequestThatCame_startsNothing() {
        pass(120);
        pool.apply(ahead(now() - 61_000));
        pool.demand().begin();
        pass(1);
        pool.demand().end();
        pool.apply(ahead(now() - 2_000));
        assertThat(runtime.starts()).isZero();
    }

    @Test
    void ahead_whereNobodyWouldBeLetIn_startsNothing() {
        pool.setDoor(new Door(Invokers.ANYONE, true)); // its budget is spent
        pool.apply(ahead(now()));
        assertThat(runtime.starts()).isZero();
        pool.setDoor(Door.OPEN);
        pool.close(StopReason.REPLACED);
        pool.apply(ahead(now() + 1));
        assertThat(runtime.starts()).isZero();
    }

    /**
     * The autoscaler's clock is an hour ahead of the gateway's: its decisions count all the same.
     */
    @Test
    void ahead_byAnotherClock_decisionsAfterItAreNotOlder() {
        pool.apply(ahead(now() + 3_600_000));
        assertThat(pool.ready()).isEqualTo(1);
        apply(0, Warmth.READY);
        assertThat(pool.ready()).isZero();
    }

    /** Whoever comes last, the runtime's last word is never "stand" while a request is in. */
    @Test
    void requestsAndDecisionsAtOnce_noneMeetsAFrozenInstance() throws Exception {
        InstanceId id = started();
        Rest rest = new Rest(runtime, id);
        Member member =
                new Member(
                        new dev.hearth.contracts.StartedInstance(
                                id,
                                pool.revision().name(),
                                "127.0.0.1",
                                1,
                                new dev.hearth.contracts.StartTimings(clock.now(), 0, 0, 0, 0, 0)),
                        0,
                        "",
                        pool.meter().tab(id),
                        clock.nanos(),
                        clock,
                        rest);
        int rounds = 20_000;
        CountDownLatch begin = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            var downs =
                    threads.submit(
                            () -> {
                                begin.await();
                                // on after the last request, so that it rests at last
                                for (int i = 0; i < rounds || runtime.moves().isEmpty(); i++) {
                                    rest.down(member, Warmth.FROZEN, new Cpu(50));
                                }
                                return null;
                            });
            var requests =
                    threads.submit(
                            () -> {
                                begin.await();
                                int met = 0;
                                for (int i = 0; i < rounds; i++) {
                                    member.acquire();
                                    rest.wake(new Cpu(1000));
                                    met += runtime.isFrozen(id) ? 1 : 0;
                                    member.release();
                                }
                                return met;
                            });
            begin.countDown();
            assertThat(requests.get(60, TimeUnit.SECONDS)).isZero();
            downs.get(60, TimeUnit.SECONDS);
        }
        assertThat(runtime.moves()).isNotEmpty();
    }
}
