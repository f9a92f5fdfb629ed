package dev.hearth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrafficSplitTest {
    private static final ServiceName HELLO = new ServiceName("hello");
    private static final RevisionSpec FIRST = revision(1, 0);
    private static final RevisionSpec SECOND = revision(2, 0);

    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final Routes routes = new Routes(new HostNames("localhost"));
    private final Traffic traffic = new Traffic(routes, runtime, new ManualClock());

    private static RevisionSpec revision(int number, int min) {
        return Revisions.of(
                "hello",
                number,
                new Scaling(80, min, 10, Duration.ofSeconds(60)),
                Duration.ofSeconds(300));
    }

    private static Route.Share share(RevisionSpec revision, int percent, String... tags) {
        return new Route.Share(revision, percent, List.of(tags));
    }

    private void route(Route.Share... shares) {
        traffic.replace(new RouteTable(Map.of(HELLO, new Route(Invokers.ANYONE, List.of(shares)))));
    }

    private @Nullable RevisionName found(String host) {
        RevisionPool pool = routes.find(host);
        return pool == null ? null : pool.revision().name();
    }

    @Test
    void find_sharesOfTwo_eachGetsItsPart() {
        route(share(FIRST, 75), share(SECOND, 25));

        Map<RevisionName, Integer> counts = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            counts.merge(found("hello.localhost"), 1, Integer::sum);
        }

        // 10 000 tosses of 25 %: five standard deviations are 217
        assertThat(counts.get(SECOND.name())).isBetween(2_283, 2_717);
        assertThat(counts.get(FIRST.name())).isBetween(7_283, 7_717);
    }

    @Test
    void find_tag_alwaysItsRevision() {
        route(share(FIRST, 100), share(SECOND, 0, "next", "green"));

        for (int i = 0; i < 100; i++) {
            assertThat(found("hello.localhost")).isEqualTo(FIRST.name());
            assertThat(found("next---hello.localhost:8080")).isEqualTo(SECOND.name());
            assertThat(found("GREEN---hello.localhost")).isEqualTo(SECOND.name());
        }
        assertThat(found("blue---hello.localhost")).isNull();
        assertThat(found("next---other.localhost")).isNull();

        route(share(FIRST, 100));
        assertThat(found("next---hello.localhost")).isNull();
    }

    @Test
    void find_domain_goesWhereTheServiceGoes() {
        traffic.replace(
                new RouteTable(
                        Map.of(
                                HELLO,
                                new Route(
                                        Invokers.ANYONE,
                                        Budget.NONE,
                                        List.of(share(FIRST, 100)),
                                        Optional.empty(),
                                        List.of(new DomainName("shop.example.com"))))));

        for (String host :
                List.of(
                        "shop.example.com",
                        "Shop.Example.COM",
                        "shop.example.com:8080",
                        "shop.example.com.",
                        "hello.localhost")) {
            assertThat(found(host)).as(host).isEqualTo(FIRST.name());
        }
        assertThat(found("www.shop.example.com")).isNull();
        assertThat(found("example.com")).isNull();
        assertThat(found("next---shop.example.com")).isNull();
        assertThat(traffic.domains()).containsOnlyKeys("shop.example.com");

        route(share(FIRST, 100));
        assertThat(found("shop.example.com")).isNull();
    }

    @Test
    void replace_backToARevisionThatDrains_itServesAgainAndTheOldInstancesEnd() {
        traffic.prove(FIRST); // an instance of it, as a deploy makes one
        route(share(FIRST, 100));
        RevisionPool before = routes.find("hello.localhost");
        assertThat(before).isNotNull();
        Reservation underWay = before.tryReserve();
        assertThat(underWay).isNotNull();
        route(share(SECOND, 100));
        route(share(FIRST, 100));

        RevisionPool again = routes.find("hello.localhost");
        assertThat(again).isNotNull().isNotSameAs(before);
        assertThat(again.revision()).isEqualTo(FIRST);
        assertThat(again.isClosed()).isFalse();
        assertThat(traffic.pools()).contains(before, again);

        // the request that is under way is not cut off, and with it the old pool ends
        assertThat(runtime.instances()).hasSize(1);
        underWay.release();
        assertThat(runtime.instances()).isEmpty();
        assertThat(traffic.pools()).containsExactly(again);
        assertThat(again.tryReserve()).isNull();
    }

    @Test
    void replace_otherBoundsOfTheService_holdForTheRevisionThereIs() {
        route(share(FIRST, 100));
        assertThat(runtime.instances()).isEmpty();

        Scaling two = new InstanceBounds(2, 3).of(FIRST.scaling(), 100);
        route(new Route.Share(FIRST, two, 100, List.of()));

        assertThat(runtime.instances()).hasSize(2);
        RevisionPool pool = routes.find("hello.localhost");
        assertThat(pool).isNotNull();
        assertThat(pool.scaling().maxInstances()).isEqualTo(3);
        assertThat(DemandSample.Bounds.of(pool.revision(), pool.scaling()).maxInstances())
                .isEqualTo(3);
    }

    @Test
    void replace_minInstances_onlyOfRevisionsWithRequests() {
        route(share(revision(3, 2), 100), share(revision(4, 3), 0, "next"));

        assertThat(runtime.instances()).hasSize(2);
    }
}
