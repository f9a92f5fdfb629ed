package dev.hearth.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.Homes;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Peer;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.usage.Metering;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RolloutsTest {
    private static final ServiceName SHOP = new ServiceName("shop");
    private static final RevisionSpec OLD = revision(1);
    private static final RevisionSpec NEW = revision(2);

    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final ManualClock clock = new ManualClock();
    private Optional<Peer> home = Optional.empty();
    private final Traffic traffic =
            new Traffic(
                    new Routes(new HostNames("localhost")),
                    runtime,
                    clock,
                    Metering.UNREAD,
                    new Homes() {
                        @Override
                        public Optional<Peer> elsewhere(ServiceName service) {
                            return home;
                        }

                        @Override
                        public CompletionStage<Void> stopInstances(Peer peer, ServiceName service) {
                            return CompletableFuture.completedFuture(null);
                        }
                    });
    private final List<GradualRollout> moved = new ArrayList<>();
    private Optional<HearthException> failure = Optional.empty();
    private final Rollouts rollouts = new Rollouts(traffic, this::move, clock);

    private static RevisionSpec revision(int number) {
        return Revisions.of(
                "shop",
                number,
                new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                Duration.ofSeconds(300));
    }

    /** As the catalog: the gateway has the new routes when it is done. */
    private CompletionStage<?> move(ServiceName service, GradualRollout seen, GradualRollout next) {
        if (failure.isPresent()) {
            return CompletableFuture.failedFuture(failure.get());
        }
        moved.add(next);
        route(next);
        return CompletableFuture.completedFuture(null);
    }

    private void route(GradualRollout rollout) {
        List<Route.Share> shares = new ArrayList<>();
        for (RevisionSpec revision : List.of(NEW, OLD)) {
            rollout.shares(false).stream()
                    .filter(t -> t.revision().equals(Optional.of(revision.name())))
                    .forEach(t -> shares.add(new Route.Share(revision, t.percent(), List.of())));
        }
        traffic.replace(
                new RouteTable(
                        Map.of(
                                SHOP,
                                new Route(
                                        Invokers.ANYONE,
                                        Budget.NONE,
                                        shares,
                                        Optional.of(rollout).filter(GradualRollout::isRunning),
                                        List.of()))));
    }

    private GradualRollout begin() {
        GradualRollout first =
                GradualRollout.begin(
                        new UUID(1, 2),
                        NEW.name(),
                        true,
                        List.of(TrafficTarget.parse(OLD.name() + "=100")),
                        RolloutPlan.parse("30s", "10,50,100"),
                        clock.now());
        route(first);
        rollouts.look();
        return first;
    }

    private void answers(RevisionSpec revision, int count, int status) {
        Outcomes outcomes = pool(revision).outcomes();
        assertThat(outcomes).isNotNull();
        for (int i = 0; i < count; i++) {
            outcomes.answered(1_000_000);
            outcomes.ended(true, status);
        }
    }

    private RevisionPool pool(RevisionSpec revision) {
        return traffic.pool(revision.name()).orElseThrow();
    }

    private void lookFor(int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            rollouts.look();
        }
    }

    @AfterEach
    void close() {
        rollouts.close();
    }

    @Test
    void look_goodRevision_goesForwardToTheEnd() {
        begin();
        answers(OLD, 90, 200);
        answers(NEW, 10, 200);
        lookFor(14);
        assertThat(moved).isEmpty();

        lookFor(1); // second 15: the first of two steps is over
        assertThat(moved).extracting(GradualRollout::percent).containsExactly(50);
        answers(OLD, 50, 200);
        answers(NEW, 50, 200);
        lookFor(16);

        assertThat(moved).extracting(GradualRollout::percent).containsExactly(50, 100);
        assertThat(moved.getLast().phase()).isEqualTo(GradualRollout.Phase.DONE);
        lookFor(1);
        assertThat(pool(NEW).outcomes()).isNull(); // nobody counts any more
    }

    @Test
    void look_badRevision_goesBackWithTheReason() {
        begin();
        answers(OLD, 90, 200);
        answers(NEW, 10, 500);

        lookFor(1);

        assertThat(moved).hasSize(1);
        assertThat(moved.getFirst().phase()).isEqualTo(GradualRollout.Phase.STOPPED);
        assertThat(moved.getFirst().reason()).contains("10 of its 10 answers were 5xx");
    }

    @Test
    void look_tooFewInOneStep_areAddedToByTheNext() {
        begin();
        answers(OLD, 90, 200);
        answers(NEW, 9, 500);
        lookFor(15);
        assertThat(moved).extracting(GradualRollout::percent).containsExactly(50);

        lookFor(1);
        answers(NEW, 1, 500);
        lookFor(1);

        assertThat(moved.getLast().reason())
                .isEqualTo(
                        "at 50 % of the requests 10 of its 10 answers were 5xx, and 0 of the old"
                                + " revision's 90");
    }

    @Test
    void look_enoughInOneStep_countForThatStepOnly() {
        begin();
        answers(OLD, 9_000, 200);
        answers(NEW, 10, 200);
        lookFor(16);

        // the next step: both fail, because what they need is away
        answers(OLD, 50, 500);
        answers(NEW, 50, 500);
        lookFor(1);

        assertThat(moved).extracting(GradualRollout::percent).containsExactly(50);
    }

    @Test
    void look_databaseAway_triesAgainEverySecond() {
        begin();
        answers(OLD, 90, 200);
        answers(NEW, 10, 500);
        failure =
                Optional.of(
                        new HearthException(
                                ErrorKind.UNAVAILABLE, "database-unavailable", "it is away"));
        lookFor(3);
        failure = Optional.empty();

        lookFor(1);

        assertThat(moved).hasSize(1);
    }

    @Test
    void look_anotherGatewaysService_isLeftToIt() {
        GradualRollout first = begin();
        home = Optional.of(new Peer("other", "10.0.0.2", 8080));
        route(first);

        lookFor(60);
        assertThat(moved).isEmpty();

        // it comes back, and begins to be watched anew
        home = Optional.empty();
        route(first);
        lookFor(15);
        assertThat(moved).isEmpty();
        lookFor(1);
        assertThat(moved).hasSize(1);
    }
}
