package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.FakeRuntime.Stopped;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of instances that their node would have stopped, for want of memory. */
class TrafficEvictionTest {
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private final Routes routes = new Routes(new HostNames("localhost"));
    private final Traffic traffic = new Traffic(routes, runtime, new ManualClock());

    private RevisionPool route(RevisionSpec revision) {
        traffic.replace(RouteTable.of(Map.of(revision.service(), revision)));
        RevisionPool pool = routes.find(revision.service() + ".localhost");
        assertThat(pool).isNotNull();
        return pool;
    }

    private static RevisionSpec hello(int min) {
        return Revisions.of(
                "hello",
                1,
                new Scaling(80, min, 3, Duration.ofSeconds(60)),
                Duration.ofSeconds(300));
    }

    @Test
    void shortage_idleInstance_letsNobodyInAndIsStopped() {
        InstanceId idle = runtime.left(hello(0));
        RevisionPool pool = route(hello(0));

        runtime.shortage(idle);

        assertThat(runtime.stops()).containsExactly(new Stopped(idle, StopReason.EVICTED));
        assertThat(pool.tryReserve()).isNull();
        assertThat(pool.ready()).isZero();
    }

    @Test
    void shortage_requestInFlight_staysAndGoesOnServing() {
        InstanceId busy = runtime.left(hello(0));
        RevisionPool pool = route(hello(0));
        Reservation request = pool.tryReserve();
        assertThat(request).isNotNull();

        runtime.shortage(busy);

        assertThat(runtime.stops()).isEmpty();
        request.release();
        assertThat(runtime.stops()).as("nor when it is over").isEmpty();
        assertThat(pool.tryReserve()).isNotNull();
    }

    @Test
    void shortage_ofTheMinimum_none_beyondItOne() {
        InstanceId one = runtime.left(hello(1));
        InstanceId two = runtime.left(hello(1));
        RevisionPool pool = route(hello(1));

        runtime.shortage(one);
        runtime.shortage(two);
        runtime.shortage(one);

        assertThat(runtime.stops()).containsExactly(new Stopped(one, StopReason.EVICTED));
        assertThat(pool.ready()).isEqualTo(1);
    }

    @Test
    void shortage_ofOneThatIsGone_nothing() {
        route(hello(0));
        runtime.shortage(InstanceId.of(99));
        assertThat(runtime.stops()).isEmpty();
    }
}
