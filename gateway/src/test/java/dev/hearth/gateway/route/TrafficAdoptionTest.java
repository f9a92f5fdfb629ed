package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.StopReason;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Instances that an earlier run of the platform left. */
class TrafficAdoptionTest {
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private final Routes routes = new Routes(new HostNames("localhost"));
    private final Traffic traffic = new Traffic(routes, runtime, new ManualClock());

    private RevisionPool route(RevisionSpec revision) {
        traffic.replace(RouteTable.of(Map.of(revision.service(), revision)));
        RevisionPool pool = routes.find(revision.service() + ".localhost");
        assertThat(pool).isNotNull();
        return pool;
    }

    @Test
    void replace_firstTable_requestsGoToWhatRunsAlready() {
        RevisionSpec hello = Revisions.of("hello", 1, 5);
        InstanceId left = runtime.left(hello);
        RevisionPool pool = route(hello);
        traffic.endWhatIsLeft();
        Reservation reservation = pool.tryReserve();
        assertThat(reservation).isNotNull();
        assertThat(reservation.instance().id()).isEqualTo(left);
        assertThat(pool.tryReserve()).isNull(); // its concurrency holds
        assertThat(runtime.starts()).isZero();
        assertThat(runtime.stops()).isEmpty();
    }

    @Test
    void endWhatIsLeft_revisionGone_stopped() {
        RevisionSpec hello = Revisions.of("hello", 1, 5);
        InstanceId gone = runtime.left(Revisions.of("gone", 1, 5));
        InstanceId old =
                runtime.left(Revisions.of("hello", 7, hello.scaling(), Duration.ofSeconds(300)));
        route(hello);
        assertThat(runtime.stops()).isEmpty(); // the next table may have it
        traffic.endWhatIsLeft();
        assertThat(runtime.stops())
                .containsExactlyInAnyOrder(
                        new FakeRuntime.Stopped(gone, StopReason.REPLACED),
                        new FakeRuntime.Stopped(old, StopReason.REPLACED));
        assertThat(runtime.forgotten()).hasSize(2).doesNotContain(hello.name());
    }

    @Test
    void replace_anotherRevision_theFirstIsForgotten() {
        RevisionSpec first = Revisions.of("hello", 1, 5);
        RevisionSpec second = Revisions.of("hello", 2, first.scaling(), Duration.ofSeconds(300));
        route(first);
        route(second);
        assertThat(runtime.forgotten()).containsExactly(first.name());
        traffic.replace(RouteTable.of(Map.of()));
        assertThat(runtime.forgotten()).containsExactly(first.name(), second.name());
    }

    @Test
    void prove_fails_theRevisionIsForgotten() {
        RevisionSpec broken = Revisions.of("broken", 1, 5);
        traffic.prove(broken);
        runtime.fail(
                new HearthException(
                        ErrorKind.FAILED_PRECONDITION, "container-exited", "it exited"));
        assertThat(runtime.forgotten()).containsExactly(broken.name());
    }

    @Test
    void endWhatIsLeft_moreThanMax_surplusStopped() {
        RevisionSpec hello = Revisions.of("hello", 1, 2);
        runtime.left(hello);
        runtime.left(hello);
        runtime.left(hello); // was draining when the earlier run died
        RevisionPool pool = route(hello);
        traffic.endWhatIsLeft();
        assertThat(pool.ready()).isEqualTo(2);
        assertThat(runtime.stops()).hasSize(1);
    }

    @Test
    void replace_leftOnesCountForTheMinimum() {
        RevisionSpec hello =
                Revisions.of(
                        "hello",
                        1,
                        new Scaling(80, 2, 3, Duration.ofSeconds(60)),
                        Duration.ofSeconds(300));
        runtime.left(hello);
        route(hello);
        assertThat(runtime.starts()).isEqualTo(1);
    }

    @Test
    void exited_leftInstance_leavesItsPool() {
        RevisionSpec hello = Revisions.of("hello", 1, 5);
        InstanceId left = runtime.left(hello);
        RevisionPool pool = route(hello);
        runtime.exit(left, new ExitCause.Killed(9));
        assertThat(pool.ready()).isZero();
    }

    @Test
    void replace_secondTable_takesOverNothing() {
        RevisionSpec hello = Revisions.of("hello", 1, 5);
        route(hello);
        traffic.endWhatIsLeft();
        RevisionSpec other = Revisions.of("other", 1, 5);
        runtime.left(other); // being started by somebody else
        assertThat(route(other).ready()).isZero();
        assertThat(runtime.stops()).isEmpty();
    }
}
