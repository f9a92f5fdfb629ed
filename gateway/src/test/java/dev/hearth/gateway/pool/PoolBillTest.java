package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a gateway, and two of them one after the other, bill for instances. */
class PoolBillTest {
    private static final int START_MILLIS = 15; // of the fake runtime

    private final ManualClock clock = new ManualClock();
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();

    private static RevisionSpec revision(int min, Billing billing) {
        return Revisions.billed(
                Revisions.of(
                        "hello",
                        1,
                        new Scaling(80, min, 10, Duration.ofMinutes(1)),
                        Duration.ofMinutes(5)),
                billing);
    }

    private RevisionPool pool(int min, Billing billing) {
        RevisionPool pool = new RevisionPool(revision(min, billing), runtime, clock);
        runtime.onExit(exit -> pool.exited(exit.id()));
        return pool;
    }

    private void pass(RevisionPool pool, long millis) {
        for (long left = millis; left > 0; left -= 50) {
            clock.advance(Duration.ofMillis(Math.min(50, left)));
            pool.tick();
        }
    }

    private static long billed(RevisionPool pool) {
        return pool.meter().billedNanos() / 1_000_000;
    }

    private static long idle(RevisionPool pool) {
        return pool.meter().idleNanos() / 1_000_000;
    }

    private static Reservation reserve(RevisionPool pool) {
        Reservation reservation = pool.tryReserve();
        assertThat(reservation).isNotNull();
        return reservation;
    }

    private InstanceId only(RevisionPool pool) {
        return pool.inFlight().keySet().iterator().next();
    }

    // ---- idle instances of a minimum

    @Test
    void tick_idleMinimum_isBilledAtTheIdleRate() {
        RevisionPool pool = pool(2, Billing.REQUEST);
        pool.keepMinimum();
        assertThat(billed(pool)).isEqualTo(2 * 100); // their starts
        pass(pool, 1000);

        // from the end of what the start has paid for: 100 ms since it began, 15 ms before now
        assertThat(idle(pool)).isEqualTo(2 * (1000 - (100 - START_MILLIS)));
        assertThat(billed(pool)).isEqualTo(200);
    }

    @Test
    void tick_oneOfTheMinimumIsBusy_theOtherIsIdle() {
        RevisionPool pool = pool(2, Billing.REQUEST);
        pool.keepMinimum();
        pass(pool, 1000);
        long before = idle(pool);
        Reservation busy = reserve(pool);
        pass(pool, 1000);
        busy.release();
        assertThat(idle(pool) - before).isEqualTo(1000);
        assertThat(billed(pool)).isEqualTo(200 + 1000);
    }

    @Test
    void tick_moreThanTheMinimum_theOthersAreFree() {
        RevisionPool pool = pool(0, Billing.REQUEST);
        pool.setScaling(new Scaling(80, 3, 10, Duration.ofMinutes(1)));
        pool.keepMinimum();
        assertThat(pool.ready()).isEqualTo(3);
        pool.setScaling(new Scaling(80, 1, 10, Duration.ofMinutes(1)));
        pass(pool, 100);
        long before = idle(pool);
        pass(pool, 1000);
        assertThat(idle(pool) - before).isEqualTo(1000);
    }

    // ---- instances that are billed for their lives

    @Test
    void life_short_isAMinute_andRequestsInItAddNothing() {
        RevisionPool pool = pool(1, Billing.INSTANCE);
        pool.keepMinimum();
        Reservation request = reserve(pool);
        pass(pool, 5000);
        request.release();
        pool.stopInstances(StopReason.REQUESTED);
        assertThat(billed(pool)).isEqualTo(60_000);
        assertThat(idle(pool)).isZero();
    }

    @Test
    void life_long_isBilledFromItsStartToItsEnd() {
        RevisionPool pool = pool(1, Billing.INSTANCE);
        pool.keepMinimum();
        pass(pool, 90_000);
        pool.stopInstances(StopReason.REQUESTED);
        assertThat(billed(pool)).isEqualTo(90_100); // 15 ms of start, rounded up
    }

    // ---- two gateways

    private RuntimePort.Left left(InstanceId id, Instant begunAt, Duration paidAhead) {
        return new RuntimePort.Left(
                new StartedInstance(
                        id,
                        revision(0, Billing.REQUEST).name(),
                        "127.0.0.1",
                        1,
                        new StartTimings(begunAt, 0, 0, 0, 0, 0)),
                false,
                paidAhead);
    }

    @Test
    void handOver_requestsBeforeAndAfter_areBilledAsOnOneGateway() {
        RevisionPool a = pool(0, Billing.REQUEST);
        a.setScaling(new Scaling(80, 1, 10, Duration.ofMinutes(1)));
        a.keepMinimum();
        a.setScaling(new Scaling(80, 0, 10, Duration.ofMinutes(1)));
        InstanceId id = only(a);
        pass(a, 1000);
        long start = billed(a);
        Reservation request = reserve(a);
        pass(a, 30);
        request.release(); // paid for until 100
        a.close(StopReason.MOVED);
        assertThat(runtime.handedOver())
                .containsExactly(new FakeRuntime.HandedOver(id, Duration.ofMillis(70)));

        RevisionPool b = pool(0, Billing.REQUEST);
        b.adopt(left(id, clock.now(), runtime.handedOver().getFirst().paidAhead()));
        Reservation within = reserve(b);
        pass(b, 40); // at 70
        within.release();
        assertThat(billed(a) - start + billed(b)).isEqualTo(100);
        Reservation beyond = reserve(b);
        pass(b, 80); // at 150
        beyond.release();
        assertThat(billed(a) - start + billed(b)).isEqualTo(200);
    }

    /** A gateway that was cut off learns that its instance is another one's. */
    @Test
    void exited_requestStillInIt_onlyTheOtherGatewayBillsFromThenOn() {
        RevisionPool a = pool(0, Billing.REQUEST);
        a.setScaling(new Scaling(80, 1, 10, Duration.ofMinutes(1)));
        a.keepMinimum();
        a.setScaling(new Scaling(80, 0, 10, Duration.ofMinutes(1)));
        InstanceId id = only(a);
        pass(a, 1000);
        long start = billed(a);
        Reservation hangs = reserve(a);
        pass(a, 500);
        runtime.exit(id, new ExitCause.Stopped(StopReason.MOVED));
        assertThat(billed(a) - start).isEqualTo(500);

        RevisionPool b = pool(0, Billing.REQUEST);
        b.adopt(left(id, clock.now(), Duration.ZERO));
        Reservation other = reserve(b);
        pass(a, 1000);
        b.tick();
        hangs.release();
        other.release();
        assertThat(billed(a) - start).isEqualTo(500);
        assertThat(billed(b)).isEqualTo(1000);
    }

    @Test
    void adopt_lifeWhoseFirstMinuteIsPaid_isBilledFromItsEnd() {
        RevisionPool pool = pool(0, Billing.INSTANCE);
        pool.adopt(left(InstanceId.of(7), clock.now().minusSeconds(20), Duration.ZERO));
        pass(pool, 40_000);
        assertThat(billed(pool)).isZero();
        pass(pool, 10_000);
        assertThat(billed(pool)).isEqualTo(10_000);
    }

    @Test
    void adopt_lifeThatIsOlder_isBilledFromNowOn() {
        RevisionPool pool = pool(0, Billing.INSTANCE);
        pool.adopt(left(InstanceId.of(7), clock.now().minusSeconds(3600), Duration.ZERO));
        pass(pool, 10_000);
        assertThat(billed(pool)).isEqualTo(10_000);
    }
}
