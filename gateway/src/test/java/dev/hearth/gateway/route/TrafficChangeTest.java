package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.usage.Metering;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes of one service among many. */
class TrafficChangeTest {
    private static final ServiceName HELLO = new ServiceName("hello");
    private static final DomainName SHOP = new DomainName("shop.example.com");
    private static final int MANY = 1_000;

    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final Routes routes = new Routes(new HostNames("localhost"));
    private final CountedHomes homes = new CountedHomes();
    private final Traffic traffic =
            new Traffic(routes, runtime, new ManualClock(), Metering.UNREAD, homes);

    /** Remembers whose home was looked for. */
    private static final class CountedHomes implements Homes {
        private final List<ServiceName> asked = new ArrayList<>();
        private Optional<Peer> other = Optional.empty();

        @Override
        public Optional<Peer> elsewhere(ServiceName service) {
            asked.add(service);
            return other;
        }

        @Override
        public CompletionStage<Void> stopInstances(Peer home, ServiceName service) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private static RevisionSpec revision(int number) {
        return Revisions.of(
                "hello",
                number,
                new Scaling(80, 0, 5, Duration.ofSeconds(60)),
                Duration.ofSeconds(300));
    }

    /** Everything to one revision, which has a tag and a domain too. */
    private static Route everywhere(RevisionSpec revision) {
        return new Route(
                Invokers.ANYONE,
                Budget.NONE,
                List.of(new Route.Share(revision, 100, List.of("next"))),
                Optional.empty(),
                List.of(SHOP));
    }

    private @Nullable RevisionName found(String host) {
        RevisionPool pool = routes.find(host);
        return pool == null ? null : pool.revision().name();
    }

    private void manyServices() {
        Map<ServiceName, RevisionSpec> serving = new HashMap<>();
        for (int i = 0; i < MANY; i++) {
            RevisionSpec one = Revisions.of("other-" + i, 80, 5);
            serving.put(one.service(), one);
        }
        traffic.replace(RouteTable.of(serving));
        homes.asked.clear();
    }

    @Test
    void route_oneOfMany_onlyThatOneIsLookedAt() {
        manyServices();
        RevisionPool other = routes.find("other-7.localhost");

        traffic.route(HELLO, Route.to(revision(1)));
        traffic.route(HELLO, Route.to(revision(2)));
        traffic.unroute(HELLO);

        assertThat(homes.asked).isNotEmpty().containsOnly(HELLO);
        assertThat(routes.find("other-7.localhost")).isSameAs(other);
        assertThat(traffic.pools()).hasSize(MANY);
    }

    @Test
    void route_newRevision_theOneBeforeIsStopped_andTheHostsLeadToTheNewOne() {
        manyServices();
        traffic.prove(revision(1));
        traffic.route(HELLO, everywhere(revision(1)));
        traffic.prove(revision(2));
        traffic.route(HELLO, everywhere(revision(2)));

        for (String host : List.of("hello.localhost", "next---hello.localhost", SHOP.value())) {
            assertThat(found(host)).as(host).isEqualTo(revision(2).name());
        }
        assertThat(runtime.stops()).hasSize(1);
        assertThat(traffic.pool(revision(1).name())).isEmpty();
    }

    @Test
    void route_withoutTagAndDomain_theirHostsAreNobodys_andComeBack() {
        traffic.route(HELLO, everywhere(revision(1)));
        assertThat(found("next---hello.localhost")).isNotNull(); // from now on it is known
        assertThat(found(SHOP.value())).isNotNull();

        traffic.route(HELLO, Route.to(revision(1)));
        assertThat(found("next---hello.localhost")).isNull();
        assertThat(found(SHOP.value())).isNull();
        assertThat(traffic.domains()).isEmpty();
        assertThat(found("hello.localhost")).isEqualTo(revision(1).name());

        traffic.route(HELLO, everywhere(revision(1)));
        assertThat(found("next---hello.localhost")).isNotNull();
        assertThat(found(SHOP.value())).isNotNull();
    }

    @Test
    void route_domainThatWasAnothers_goesWithIt() {
        traffic.route(HELLO, everywhere(revision(1)));
        assertThat(found(SHOP.value())).isEqualTo(revision(1).name());
        RevisionSpec other = Revisions.of("other", 80, 5);

        traffic.route(HELLO, Route.to(revision(1)));
        traffic.route(other.service(), everywhere(other));

        assertThat(found(SHOP.value())).isEqualTo(other.name());
    }

    @Test
    void unroute_thenDeployedAgain_hostsLeadToTheNewOne() {
        traffic.prove(revision(1));
        traffic.route(HELLO, everywhere(revision(1)));
        assertThat(found("hello.localhost:8080")).isEqualTo(revision(1).name());

        traffic.unroute(HELLO);
        assertThat(found("hello.localhost:8080")).isNull();
        assertThat(runtime.stops()).hasSize(1);
        assertThat(traffic.route(HELLO)).isEmpty();

        traffic.route(HELLO, everywhere(revision(2)));
        assertThat(found("hello.localhost:8080")).isEqualTo(revision(2).name());
    }

    @Test
    void route_homeIsElsewhere_proofHereEnds() {
        homes.other = Optional.of(new Peer("b", "10.0.0.2", 8080));
        traffic.prove(revision(1));

        traffic.route(HELLO, everywhere(revision(1)));

        assertThat(routes.find("hello.localhost")).isNull();
        assertThat(routes.elsewhere(SHOP.value())).isEqualTo(homes.other.orElseThrow());
        assertThat(traffic.pool(revision(1).name())).isEmpty();
    }

    /** Who has seen the new route at one host sees no older one at another. */
    @Test
    void find_whileTheRouteChanges_allHostsOfAServiceChangeAtOnce() throws Exception {
        List<RevisionSpec> revisions =
                IntStream.rangeClosed(1, MANY).mapToObj(TrafficChangeTest::revision).toList();
        traffic.route(HELLO, everywhere(revisions.getFirst()));
        CompletableFuture<Integer> looker = new CompletableFuture<>();
        Thread looking = Thread.ofPlatform().start(() -> look(looker));

        for (RevisionSpec next : revisions) {
            traffic.route(HELLO, everywhere(next));
        }
        looking.join();

        assertThat(looker.get()).isPositive();
    }

    /** Goes from host to host until the last revision is there. */
    private void look(CompletableFuture<Integer> result) {
        try {
            int changes = 0;
            int last = 0;
            while (last < MANY) {
                for (String host :
                        List.of("hello.localhost", "next---hello.localhost", SHOP.value())) {
                    RevisionPool pool = routes.find(host);
                    assertThat(pool).as(host).isNotNull();
                    int number = number(pool.revision().name());
                    assertThat(number).as(host).isGreaterThanOrEqualTo(last);
                    changes += number > last ? 1 : 0;
                    last = number;
                }
            }
            result.complete(changes);
        } catch (Throwable failure) {
            result.completeExceptionally(failure);
        }
    }

    private static int number(RevisionName name) {
        return Integer.parseInt(name.value().split("-")[1]);
    }
}
