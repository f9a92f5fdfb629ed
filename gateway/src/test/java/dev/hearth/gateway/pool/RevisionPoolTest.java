package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.wait.Waiter;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RevisionPoolTest {
    private final ManualClock clock = new ManualClock();
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);

    private RevisionPool pool(int concurrency, int max) {
        RevisionPool pool =
                new RevisionPool(Revisions.of("hello", concurrency, max), runtime, clock);
        runtime.onExit(exit -> pool.exited(exit.id()));
        return pool;
    }

    /** A request that remembers how its wait ended. */
    private static final class Parked implements Waiter.Ending {
        private final List<Reservation> admitted = new ArrayList<>();
        private final List<HearthException> refused = new ArrayList<>();
        private final Waiter waiter;

        Parked(RevisionPool pool, ManualClock clock) {
            waiter = new Waiter(pool.waitDeadlineNanos(clock.nanos()), this);
            pool.await(waiter);
        }

        @Override
        public void admitted(Reservation reservation) {
            admitted.add(reservation);
        }

        @Override
        public void refused(HearthException why) {
            refused.add(why);
        }

        Reservation reservation() {
            assertThat(admitted).hasSize(1);
            return admitted.getFirst();
        }

        HearthException refusal() {
            assertThat(refused).hasSize(1);
            return refused.getFirst();
        }
    }

    private List<Parked> park(RevisionPool pool, int count) {
        List<Parked> parked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parked.add(new Parked(pool, clock));
        }
        return parked;
    }

    /** A decision from a sample of {@code at} milliseconds after now. */
    private Decision decision(long at, int instances, int cpu, int idleCpu) {
        return decision(at, instances, cpu, idleCpu, cpu == idleCpu ? Warmth.READY : Warmth.IDLE);
    }

    private Decision decision(long at, int instances, int cpu, int idleCpu, Warmth warmth) {
        return new Decision(
                1,
                "hello-00001-abc",
                clock.now().toEpochMilli() + at,
                instances,
                cpu,
                idleCpu,
                warmth,
                false,
                "test");
    }

    @Test
    void await_burstOnColdRevision_oneStartServesAll() {
        RevisionPool pool = pool(80, 10);
        List<Parked> burst = park(pool, 50);
        assertThat(runtime.starts()).isEqualTo(1);
        runtime.succeed();
        assertThat(burst).allSatisfy(p -> assertThat(p.admitted).hasSize(1));
        assertThat(pool.queued()).isZero();
    }

    @Test
    void await_moreThanOneInstanceTakes_startsAsManyAsNeededAndNoMore() {
        RevisionPool pool = pool(10, 3);
        List<Parked> burst = park(pool, 45);
        assertThat(runtime.starts()).isEqualTo(3);
        runtime.succeed();
        runtime.succeed();
        runtime.succeed();
        assertThat(burst.stream().filter(p -> p.admitted.size() == 1)).hasSize(30);
        burst.get(0).reservation().release();
        assertThat(burst.stream().filter(p -> p.admitted.size() == 1)).hasSize(31);
    }

    @Test
    void tryReserve_concurrencyReached_none() {
        RevisionPool pool = pool(2, 1);
        List<Parked> two = park(pool, 2);
        runtime.succeed();
        assertThat(pool.tryReserve()).isNull();
        two.getFirst().reservation().release();
        two.getFirst().reservation().release(); // a second release changes nothing
        assertThat(pool.tryReserve()).isNotNull();
        assertThat(pool.tryReserve()).isNull();
    }

    @Test
    void await_startFails_allAreToldAndTheNextTryBacksOff() {
        RevisionPool pool = pool(80, 10);
        List<Parked> burst = park(pool, 3);
        runtime.fail(
                new HearthException(
                        ErrorKind.FAILED_PRECONDITION,
                        "container-exited",
                        "it died",
                        List.of("boom")));
        assertThat(burst)
                .allSatisfy(
                        p -> {
                            assertThat(p.refusal().kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                            assertThat(p.refusal().details()).contains("boom");
                        });
        // within 100 ms: told at once, no start
        assertThat(park(pool, 1).getFirst().refusal().reason()).isEqualTo("container-exited");
        assertThat(runtime.starts()).isEqualTo(1);
        clock.advance(Duration.ofMillis(101));
        park(pool, 1);
        assertThat(runtime.starts()).isEqualTo(2);
        runtime.fail(HearthException.invalid("x", "again"));
        // the second wait is twice as long
        clock.advance(Duration.ofMillis(101));
        park(pool, 1);
        assertThat(runtime.starts()).isEqualTo(2);
        clock.advance(Duration.ofMillis(100));
        park(pool, 1);
        assertThat(runtime.starts()).isEqualTo(3);
    }

    @Test
    void tick_saturatedForTenSeconds_429() {
        RevisionPool pool = pool(1, 1);
        park(pool, 1);
        runtime.succeed();
        Parked late = park(pool, 1).getFirst();
        clock.advance(Duration.ofSeconds(9));
        pool.tick();
        assertThat(late.refused).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        pool.tick();
        assertThat(late.refusal().kind()).isEqualTo(ErrorKind.EXHAUSTED);
        assertThat(late.refusal().reason()).isEqualTo("saturated");
    }

    @Test
    void tick_startLongerThanTheRequestsTimeout_504() {
        RevisionPool pool = pool(1, 1);
        Parked cold = park(pool, 1).getFirst();
        clock.advance(Duration.ofSeconds(300));
        pool.tick();
        assertThat(cold.refusal().kind()).isEqualTo(ErrorKind.DEADLINE);
    }

    @Test
    void await_clientLeft_itsPlaceGoesToTheNext() {
        RevisionPool pool = pool(1, 1);
        List<Parked> two = park(pool, 2);
        two.getFirst().waiter.leave();
        runtime.succeed();
        assertThat(two.getFirst().admitted).isEmpty();
        assertThat(two.getLast().admitted).hasSize(1);
    }

    @Test
    void await_roomFull_429AtOnce() {
        RevisionPool pool = pool(1, 1);
        park(pool, 10_000);
        assertThat(park(pool, 1).getFirst().refusal().reason()).isEqualTo("waiting-room-full");
    }

    @Test
    void exited_withOthersWaiting_anotherIsStarted() {
        RevisionPool pool = pool(1, 1);
        Parked first = park(pool, 1).getFirst();
        runtime.succeed();
        Parked second = park(pool, 1).getFirst();
        runtime.exit(first.reservation().instance().id(), new ExitCause.Killed(9));
        assertThat(runtime.starts()).isEqualTo(2);
        runtime.succeed();
        assertThat(second.admitted).hasSize(1);
        first.reservation().release(); // of an instance that is gone: harmless
        assertThat(pool.ready()).isEqualTo(1);
    }

    @Test
    void apply_fewerWanted_idleOnesStopAndBusyOnesFinish() {
        RevisionPool pool = pool(1, 5);
        List<Parked> two = park(pool, 2);
        runtime.succeed();
        runtime.succeed();
        pool.apply(decision(1, 0, 1000, 1000));
        assertThat(runtime.stops()).isEmpty(); // both are busy, so nothing is idle
        two.getFirst().reservation().release();
        pool.apply(decision(2, 0, 1000, 1000));
        assertThat(runtime.stops())
                .containsExactly(
                        new FakeRuntime.Stopped(
                                two.getFirst().reservation().instance().id(),
                                StopReason.SCALED_DOWN));
        pool.apply(decision(1, 5, 1000, 1000)); // older than the newest: passed over
        assertThat(runtime.starts()).isEqualTo(2);
        pool.apply(decision(3, 3, 1000, 1000));
        assertThat(runtime.starts()).isEqualTo(4);
    }

    @Test
    void started_whenTheOthersHaveALargerQuota_getsThatToo() {
        RevisionPool pool = pool(1, 5);
        park(pool, 1);
        var first = runtime.succeed().id();
        pool.apply(decision(1, 1, 1800, 1800));
        park(pool, 1);
        var second = runtime.succeed().id();

        assertThat(runtime.quotas())
                .containsExactly(
                        new FakeRuntime.Quota(first, new Cpu(1800), false),
                        new FakeRuntime.Quota(second, new Cpu(1800), false));
    }

    /** A burst has just started three; the averages still ask for one. */
    @Test
    void apply_fewerThanTheRequestsOfTheMomentTake_thoseStay() {
        RevisionPool pool = pool(10, 5);
        for (int i = 0; i < 25; i++) {
            pool.demand().begin();
        }
        park(pool, 25);
        runtime.succeed();
        runtime.succeed();
        runtime.succeed();

        pool.apply(decision(1, 1, 1000, 1000));

        assertThat(pool.ready()).isEqualTo(3);
        for (int i = 0; i < 15; i++) {
            pool.demand().end();
        }
        pool.apply(decision(2, 1, 1000, 1000));
        assertThat(pool.ready()).isEqualTo(1);
    }

    @Test
    void apply_zeroDecidedBeforeTheNewestRequest_nothingStops() {
        RevisionPool pool = pool(80, 5);
        park(pool, 1).getFirst();
        runtime.succeed();
        long sampled = clock.now().toEpochMilli();
        clock.advance(Duration.ofMillis(300));
        pool.demand().begin();
        clock.advance(Duration.ofMillis(5));
        pool.demand().end();
        clock.advance(Duration.ofMillis(300));
        // the decision of 600 ms ago arrives only now
        pool.stopInstances(StopReason.REQUESTED);
        park(pool, 1).getFirst();
        runtime.succeed();
        pool.apply(decision(sampled - clock.now().toEpochMilli(), 0, 1000, 1000));
        assertThat(pool.ready()).isEqualTo(1);
    }

    @Test
    void apply_afterEverythingWasStopped_onlyARequestWakesIt() {
        RevisionPool pool = pool(80, 5);
        park(pool, 1).getFirst();
        runtime.succeed();
        pool.exited(runtime.instances().getFirst().id());
        pool.apply(decision(1, 3, 1000, 1000)); // demand of a moment ago
        assertThat(runtime.starts()).isEqualTo(1);
        park(pool, 1);
        assertThat(runtime.starts()).isEqualTo(2);
    }

    @Test
    void apply_sliverForTheIdle_restoredAtTheNextRequest() {
        RevisionPool pool = pool(1, 5);
        park(pool, 1).getFirst();
        var id = runtime.succeed().id();
        pool.apply(decision(1, 1, 1000, 50));
        assertThat(runtime.quotas()).isEmpty(); // busy
        Parked busy = park(pool, 1).getFirst();
        assertThat(busy.admitted).isEmpty();
        pool.exited(id);
        var second = runtime.succeed().id();
        busy.reservation().release();
        pool.apply(decision(2, 1, 1000, 50));
        assertThat(runtime.quotas())
                .containsExactly(new FakeRuntime.Quota(second, new Cpu(50), true));
        assertThat(pool.tryReserve()).isNotNull();
        assertThat(runtime.quotas())
                .last()
                .isEqualTo(new FakeRuntime.Quota(second, new Cpu(1000), false));
    }

    @Test
    void close_requestsInFlightAndWaiting_areServedFirst() {
        RevisionPool pool = pool(1, 1);
        List<Parked> two = park(pool, 2);
        runtime.succeed();
        CompletableFuture<Void> closed = pool.close(StopReason.REPLACED);
        assertThat(closed).isNotDone();
        two.getFirst().reservation().release();
        assertThat(two.getLast().admitted).hasSize(1);
        assertThat(runtime.stops()).isEmpty();
        two.getLast().reservation().release();
        pool.tick();
        assertThat(closed).isCompleted();
        assertThat(runtime.stops()).hasSize(1);
    }

    @Test
    void close_requestThatNeverEnds_isCutAtTheTimeout() {
        RevisionPool pool = pool(1, 1);
        park(pool, 1);
        runtime.succeed();
        CompletableFuture<Void> closed = pool.close(StopReason.DELETED);
        clock.advance(Duration.ofSeconds(301));
        pool.tick();
        assertThat(closed).isCompleted();
    }

    @Test
    void stopInstances_underLoad_doneWhenThoseAreGone() {
        RevisionPool pool = pool(80, 2);
        Parked first = park(pool, 1).getFirst();
        runtime.succeed();
        CompletableFuture<Void> stopped = pool.stopInstances(StopReason.REQUESTED);
        park(pool, 1);
        runtime.succeed(); // another instance, which goes on
        assertThat(stopped).isNotDone();
        first.admitted.getFirst().release();
        assertThat(stopped).isCompleted();
        assertThat(pool.ready()).isEqualTo(1);
    }

    @Test
    void stopInstances_nothingRuns_doneAtOnce() {
        assertThat(pool(80, 2).stopInstances(StopReason.REQUESTED)).isCompleted();
    }

    @Test
    void stopInstances_thenRequest_startsAgain() {
        RevisionPool pool = pool(80, 1);
        park(pool, 1).getFirst();
        runtime.succeed();
        CompletableFuture<Void> stopped = pool.stopInstances(StopReason.REQUESTED);
        assertThat(stopped).isNotDone(); // one is in flight
        Parked next = park(pool, 1).getFirst();
        runtime.succeed();
        assertThat(next.admitted).hasSize(1);
        assertThat(runtime.starts()).isEqualTo(2);
    }

    private RevisionPool poolOfAtLeastTwo() {
        RevisionSpec spec =
                Revisions.of(
                        "hello",
                        1,
                        new dev.hearth.contracts.Scaling(80, 2, 3, Duration.ofSeconds(60)),
                        Duration.ofSeconds(300));
        RevisionPool pool = new RevisionPool(spec, runtime, clock);
        runtime.onExit(exit -> pool.exited(exit.id()));
        pool.keepMinimum();
        return pool;
    }

    @Test
    void keepMinimum_asManyAsAsked() {
        poolOfAtLeastTwo();
        assertThat(runtime.starts()).isEqualTo(2);
    }

    @Test
    void keepMinimum_oneThatLastedEnds_isReplacedAtOnce() {
        RevisionPool pool = poolOfAtLeastTwo();
        runtime.succeed();
        InstanceId lasting = pool.inFlight().keySet().iterator().next();
        runtime.succeed();
        clock.advance(Duration.ofSeconds(10));

        pool.exited(lasting);
        assertThat(runtime.starts()).isEqualTo(3);
        pool.tick();
        assertThat(runtime.starts()).isEqualTo(3); // one is on its way
    }

    @Test
    void keepMinimum_noneLasts_isReplacedAtLongerAndLongerIntervals() {
        RevisionPool pool = poolOfAtLeastTwo();
        runtime.succeed();
        runtime.succeed();
        List<Integer> ticks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int before = runtime.starts();
            pool.exited(pool.inFlight().keySet().iterator().next());
            int waited = 0;
            while (runtime.starts() == before) {
                clock.advance(Duration.ofMillis(100));
                pool.tick();
                waited++;
            }
            ticks.add(waited);
            runtime.succeed();
        }
        assertThat(ticks).containsExactly(1, 2, 4, 8);
    }

    @Test
    void keepMinimum_startFails_isTriedAgain() {
        RevisionPool pool = poolOfAtLeastTwo();
        runtime.succeed();
        runtime.fail(new HearthException(ErrorKind.UNAVAILABLE, "no-node", "none"));
        pool.tick();
        assertThat(runtime.starts()).isEqualTo(2);
        clock.advance(Duration.ofMillis(100));
        pool.tick();
        assertThat(runtime.starts()).isEqualTo(3);
    }

    @Test
    void keepMinimum_poolIsClosed_replacesNothing() {
        RevisionPool pool = poolOfAtLeastTwo();
        runtime.succeed();
        runtime.succeed();
        clock.advance(Duration.ofMinutes(1));
        pool.close(StopReason.REPLACED);
        pool.tick();
        assertThat(runtime.starts()).isEqualTo(2);
        assertThat(pool.ready()).isZero();
    }
}
