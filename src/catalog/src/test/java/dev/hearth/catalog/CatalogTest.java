package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.failureOf;
import static dev.hearth.catalog.Stages.succeeds;
import static dev.hearth.catalog.Stages.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.DomainStore;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.TrafficChange;
import dev.hearth.contracts.TrafficTarget;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class CatalogTest {
    private static final ServiceName HELLO = new ServiceName("hello");

    @Inject CatalogPort catalog;
    @Inject Room room;
    @Inject FakeImages images;
    @Inject FakeTraffic traffic;

    @BeforeEach
    void startEmpty() throws SQLException {
        images.reset();
        traffic.reset();
        room.start();
        sql("delete from services");
        room.start();
    }

    @Test
    void deploy_newService_servesAndIsStored() {
        Service service = done(catalog.deploy(request("hello")));

        assertThat(service.serving().name().value()).matches("hello-00001-[a-z0-9]{3}");
        assertThat(service.serving().digest()).isEqualTo(FakeImages.DIGEST);
        assertThat(service.revisions()).containsExactly(service.serving());
        assertThat(traffic.serving()).containsExactly(Map.entry(HELLO, service.serving()));
        assertThat(traffic.proved).containsExactly(service.serving().name());
        assertThat(traffic.discarded).isEmpty();
        assertThat(images.calls).containsExactly("resolve oci:/hello", "prefetch oci:/hello");
        assertThat(done(catalog.service(HELLO))).isEqualTo(service);
        assertThat(done(catalog.services())).containsExactly(service);
    }

    @Test
    void deploy_again_newRevisionServesAndOldIsKept() {
        Service first = done(catalog.deploy(request("hello")));
        Service second = done(catalog.deploy(request("hello")));

        assertThat(second.serving().name().value()).startsWith("hello-00002-");
        assertThat(second.revisions()).containsExactly(second.serving(), first.serving());
        assertThat(second.createdAt()).isEqualTo(first.createdAt());
        assertThat(second.updatedAt()).isAfterOrEqualTo(first.updatedAt());
        assertThat(traffic.serving()).containsEntry(HELLO, second.serving());
        assertThat(done(catalog.service(HELLO))).isEqualTo(second);
    }

    @Test
    void deploy_oftenerThanKept_newestTwentyRemain() {
        for (int i = 0; i < 23; i++) {
            done(catalog.deploy(request("hello")));
        }

        List<RevisionSpec> revisions = done(catalog.service(HELLO)).revisions();
        assertThat(revisions).hasSize(20);
        assertThat(revisions.getFirst().name().value()).startsWith("hello-00023-");
        assertThat(revisions.getLast().name().value()).startsWith("hello-00004-");
    }

    @Test
    void deploy_resolvePrefetchOrProveFails_nothingChanges() throws SQLException {
        Service before = done(catalog.deploy(request("hello")));
        HearthException failure =
                new HearthException(ErrorKind.NOT_FOUND, "image-not-found", "no such image");

        images.resolveFailure = Optional.of(failure);
        assertThat(failureOf(catalog.deploy(request("hello")))).isSameAs(failure);
        images.resolveFailure = Optional.empty();
        images.prefetchFailure = Optional.of(failure);
        assertThat(failureOf(catalog.deploy(request("hello")))).isSameAs(failure);
        images.prefetchFailure = Optional.empty();
        traffic.proveFailure = Optional.of(failure);
        assertThat(failureOf(catalog.deploy(request("hello")))).isSameAs(failure);
        assertThat(failureOf(catalog.deploy(request("other")))).isSameAs(failure);

        assertThat(traffic.serving()).containsExactly(Map.entry(HELLO, before.serving()));
        assertThat(done(catalog.services())).containsExactly(before);
        assertThat(count("select count(*) from revisions")).isEqualTo(1);
        assertThat(count("select count(*) from services")).isEqualTo(1);
    }

    @Test
    void deploy_afterFailedOne_numberIsNotReused() {
        done(catalog.deploy(request("hello")));
        traffic.proveFailure =
                Optional.of(
                        new HearthException(
                                ErrorKind.FAILED_PRECONDITION, "container-exited", "it exited"));
        failureOf(catalog.deploy(request("hello")));
        traffic.proveFailure = Optional.empty();

        Service third = done(catalog.deploy(request("hello")));

        assertThat(third.serving().name().value()).startsWith("hello-00003-");
    }

    @Test
    void deploy_storeFails_provedInstanceIsDiscardedAndOldServes() throws Exception {
        Service before = done(catalog.deploy(request("hello")));
        int replaced = traffic.replaced;
        traffic.onProve = PostgresServer.running()::hang;
        try {
            HearthException failure = failureOf(catalog.deploy(request("hello")));

            assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(traffic.discarded).hasSize(1);
            assertThat(traffic.serving()).containsEntry(HELLO, before.serving());
        } finally {
            traffic.onProve = () -> {};
            PostgresServer.running().goOn();
        }
        until(() -> traffic.replaced > replaced); // the database was asked for the truth
        assertThat(done(catalog.services())).containsExactly(before);
        assertThat(traffic.serving()).containsEntry(HELLO, before.serving());
        assertThat(count("select count(*) from revisions")).isEqualTo(1);
    }

    @Test
    void start_again_announcesWhatWasDeployed() {
        Service hello = done(catalog.deploy(fullRequest()));
        Service other = done(catalog.deploy(request("other")));
        traffic.reset();

        room.start();

        assertThat(traffic.serving())
                .containsOnly(
                        Map.entry(HELLO, hello.serving()),
                        Map.entry(other.name(), other.serving()));
    }

    @Test
    void metadata_ofServiceAndRevision_keptWithTheirNames() {
        Metadata own = new Metadata(Map.of("team", "a"), Map.of("x/y", "\"it's\" ü𝄞"));
        Metadata revisions = new Metadata(Map.of("v", "1"), Map.of());
        DeployRequest r = request("hello");
        ServiceChange change = ServiceChange.NONE.with(own).with(new InstanceBounds(1, 5));
        Service service =
                done(
                        catalog.deploy(
                                new DeployRequest(
                                        r.service(),
                                        r.image(),
                                        r.container(),
                                        r.resources(),
                                        r.scaling(),
                                        r.egress(),
                                        r.requests(),
                                        revisions,
                                        new DeployRequest.Rollout(true, "", "", change))));

        assertThat(service.metadata()).isEqualTo(own);
        assertThat(service.latest().metadata()).isEqualTo(revisions);
        assertThat(service.version().generation()).isEqualTo(1);
        assertThat(done(catalog.service(HELLO))).isEqualTo(service);
        Scaling bounded = traffic.table.routes().get(HELLO).shares().getFirst().scaling();
        assertThat(bounded.minInstances()).isEqualTo(1);
        assertThat(bounded.maxInstances()).isEqualTo(5);

        // who says nothing about it leaves it alone
        Service next = done(catalog.deploy(request("hello")));
        assertThat(next.metadata()).isEqualTo(own);
        assertThat(next.latest().metadata()).isEqualTo(Metadata.NONE);
        assertThat(next.version().uid()).isEqualTo(service.version().uid());
        assertThat(next.version().generation()).isEqualTo(2);
    }

    @Test
    void change_withoutARevision_announcedAndCounted() {
        Service before = done(catalog.deploy(request("hello")));
        int replaced = traffic.replaced;
        ServiceChange change =
                ServiceChange.NONE
                        .with(ServiceCondition.unchanged(before.version().etag()))
                        .with(Invokers.TOKEN)
                        .with(new Metadata(Map.of("a", "b"), Map.of()))
                        .with(new InstanceBounds(2, 0))
                        .withTraffic(
                                List.of(
                                        new TrafficTarget(
                                                Optional.of(before.latest().name()), 100, "t")));

        Service after = done(catalog.change(HELLO, change));

        assertThat(after.invokers()).isEqualTo(Invokers.TOKEN);
        assertThat(after.bounds()).isEqualTo(new InstanceBounds(2, 0));
        assertThat(after.traffic()).isEqualTo(change.traffic());
        assertThat(after.revisions()).isEqualTo(before.revisions());
        assertThat(after.version().generation()).isEqualTo(2);
        assertThat(traffic.replaced).isGreaterThan(replaced);
        assertThat(traffic.table.routes()).containsEntry(HELLO, after.route());

        // who may call it is decided apart from what it is
        Service open = done(catalog.change(HELLO, ServiceChange.NONE.with(Invokers.ANYONE)));
        assertThat(open.invokers()).isEqualTo(Invokers.ANYONE);
        assertThat(open.version()).isEqualTo(after.version());
        assertThat(traffic.table.routes()).containsEntry(HELLO, open.route());

        // the same once more was seen by nobody
        assertThat(failureOf(catalog.change(HELLO, change)).reason()).isEqualTo("service-changed");
        assertThat(done(catalog.service(HELLO))).isEqualTo(open);
    }

    @Test
    void conditions_notHeld_nothingIsPulledOrChanged() {
        Service before = done(catalog.deploy(request("hello")));
        images.calls.clear();
        for (ServiceCondition wrong :
                List.of(ServiceCondition.ABSENT, ServiceCondition.unchanged("x"))) {
            HearthException refused =
                    failureOf(
                            catalog.deploy(
                                    request(
                                            "hello",
                                            new DeployRequest.Rollout(
                                                    true,
                                                    "",
                                                    "",
                                                    ServiceChange.NONE.with(wrong)))));
            assertThat(refused.kind()).isEqualTo(ErrorKind.CONFLICT);
            assertThat(failureOf(catalog.delete(HELLO, wrong)).kind())
                    .isEqualTo(ErrorKind.CONFLICT);
        }
        assertThat(images.calls).doesNotContain("prefetch oci:/hello");
        assertThat(done(catalog.service(HELLO))).isEqualTo(before);

        done(catalog.delete(HELLO, ServiceCondition.unchanged(before.version().etag())));
        Service again = done(catalog.deploy(request("hello")));
        assertThat(again.version().uid()).isNotEqualTo(before.version().uid());
        assertThat(again.version().etag()).isNotEqualTo(before.version().etag());
    }

    @Test
    void services_pageByPage_newestFirstEachOnce() {
        List<String> deployed = new ArrayList<>();
        for (String name : List.of("b", "a", "d", "c", "e")) {
            done(catalog.deploy(request(name)));
            deployed.addFirst(name);
        }
        List<String> listed = new ArrayList<>();
        Optional<ServicePage.Cursor> at = Optional.empty();
        int pages = 0;
        do {
            ServicePage page = done(catalog.services(at, 2));
            page.services().forEach(s -> listed.add(s.name().value()));
            at = page.next();
            pages++;
        } while (at.isPresent());

        assertThat(listed).isEqualTo(deployed);
        assertThat(pages).isEqualTo(3);
        assertThat(done(catalog.services(Optional.empty(), 5)).next()).isEmpty();
        assertThat(done(catalog.services(Optional.empty(), 1)).services())
                .containsExactly(done(catalog.service(new ServiceName("e"))));
    }

    @Test
    void services_ofTheSameAge_pagedByName() throws SQLException {
        for (String name : List.of("b", "a", "c")) {
            done(catalog.deploy(request(name)));
        }
        sql("update services set created_at = '2026-01-01T00:00:00Z'");

        ServicePage first = done(catalog.services(Optional.empty(), 2));
        ServicePage second = done(catalog.services(first.next(), 2));

        assertThat(first.services()).extracting(s -> s.name().value()).containsExactly("a", "b");
        assertThat(second.services()).extracting(s -> s.name().value()).containsExactly("c");
    }

    private static TrafficChange shares(String... to) {
        return new TrafficChange(
                Stream.of(to).map(TrafficTarget::parse).toList(), Set.of(), Map.of());
    }

    private static TrafficChange tag(String tag, RevisionSpec revision) {
        return new TrafficChange(List.of(), Set.of(), Map.of(tag, Optional.of(revision.name())));
    }

    private static DeployRequest request(String name, DeployRequest.Rollout rollout) {
        DeployRequest r = request(name);
        return new DeployRequest(
                r.service(),
                r.image(),
                r.container(),
                r.resources(),
                r.scaling(),
                r.egress(),
                r.requests(),
                rollout);
    }

    @Test
    void traffic_sharesAndTags_announcedAndKept() {
        Service first = done(catalog.deploy(request("hello")));
        Service second = done(catalog.deploy(request("hello")));

        String one = first.latest().name().value();
        Service shared = done(catalog.traffic(HELLO, shares(one + "=30", "LATEST=70")));
        Service tagged = done(catalog.traffic(HELLO, tag("old", first.latest())));

        assertThat(shared.serving()).isEqualTo(second.latest());
        Route expected =
                new Route(
                        Invokers.ANYONE,
                        List.of(
                                new Route.Share(second.latest(), 70, List.of()),
                                new Route.Share(first.latest(), 30, List.of("old"))));
        assertThat(tagged.route()).isEqualTo(expected);
        assertThat(traffic.table.routes()).containsEntry(HELLO, expected);
        assertThat(done(catalog.service(HELLO))).isEqualTo(tagged);
        traffic.reset();
        room.start();
        assertThat(traffic.table.routes()).containsEntry(HELLO, expected);
    }

    @Test
    void traffic_unknownRevisionOrWrongSum_changesNothing() {
        Service before = done(catalog.deploy(request("hello")));
        done(catalog.deploy(request("other")));
        int replaced = traffic.replaced;

        assertThat(failureOf(catalog.traffic(HELLO, shares("hello-00009-zzz=100"))).reason())
                .isEqualTo("revision-not-found");
        String others = done(catalog.service(new ServiceName("other"))).latest().name().value();
        assertThat(failureOf(catalog.traffic(HELLO, shares(others + "=100"))).reason())
                .isEqualTo("revision-not-found");
        assertThat(failureOf(catalog.traffic(HELLO, shares("LATEST=99"))).reason())
                .isEqualTo("invalid-traffic");
        assertThat(failureOf(catalog.traffic(new ServiceName("nobody"), shares("LATEST=100"))))
                .extracting(HearthException::reason)
                .isEqualTo("service-not-found");
        assertThat(done(catalog.service(HELLO))).isEqualTo(before);
        assertThat(traffic.replaced).isEqualTo(replaced);
    }

    @Test
    void rollback_severalTimes_goesBackOneByOne() {
        List<RevisionSpec> deployed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            deployed.add(done(catalog.deploy(request("hello"))).latest());
        }

        assertThat(done(catalog.rollback(HELLO)).serving()).isEqualTo(deployed.get(1));
        assertThat(traffic.serving()).containsEntry(HELLO, deployed.get(1));
        assertThat(done(catalog.rollback(HELLO)).serving()).isEqualTo(deployed.get(0));
        assertThat(failureOf(catalog.rollback(HELLO)).reason()).isEqualTo("no-earlier-revision");

        // what was rolled back to keeps the requests when something is deployed
        Service next = done(catalog.deploy(request("hello")));
        assertThat(next.serving()).isEqualTo(deployed.get(0));
        assertThat(traffic.discarded).contains(next.latest().name());
        assertThat(done(catalog.traffic(HELLO, shares("LATEST=100"))).serving())
                .isEqualTo(next.latest());
    }

    @Test
    void deploy_withoutTraffic_onlyItsTagReachesIt() {
        RevisionSpec first = done(catalog.deploy(request("hello"))).latest();

        Service second =
                done(
                        catalog.deploy(
                                request(
                                        "hello",
                                        new DeployRequest.Rollout(false, "next", "blue"))));

        assertThat(second.latest().name()).isEqualTo(new RevisionName("hello-blue"));
        assertThat(second.route())
                .isEqualTo(
                        new Route(
                                Invokers.ANYONE,
                                List.of(
                                        new Route.Share(second.latest(), 0, List.of("next")),
                                        new Route.Share(first, 100, List.of()))));
        assertThat(traffic.discarded).isEmpty();
        assertThat(
                        failureOf(
                                        catalog.deploy(
                                                request(
                                                        "hello",
                                                        new DeployRequest.Rollout(
                                                                true, "", "blue"))))
                                .reason())
                .isEqualTo("revision-exists");
    }

    @Test
    void deploy_invokers_stayUntilSomebodySaysOtherwise() {
        DeployRequest.Rollout onlyWithToken =
                new DeployRequest.Rollout(true, "", "", Optional.of(Invokers.TOKEN));
        assertThat(done(catalog.deploy(request("hello"))).invokers()).isEqualTo(Invokers.ANYONE);
        done(catalog.deploy(request("hello", onlyWithToken)));

        Service later = done(catalog.deploy(request("hello")));

        assertThat(later.invokers()).isEqualTo(Invokers.TOKEN);
        assertThat(traffic.table.routes().get(HELLO).invokers()).isEqualTo(Invokers.TOKEN);
        traffic.reset();
        room.start();
        assertThat(traffic.table.routes().get(HELLO).invokers()).isEqualTo(Invokers.TOKEN);
    }

    private static Map<String, Integer> percents(Service service) {
        Map<String, Integer> percents = new HashMap<>();
        service.route()
                .shares()
                .forEach(s -> percents.put(s.revision().name().value(), s.percent()));
        return percents;
    }

    private static DeployRequest.Rollout gradually(String suffix) {
        return new DeployRequest.Rollout(true, "", suffix)
                .gradually(Optional.of(RolloutPlan.parse("10m", "10,50,100")));
    }

    private Service moved(Service seen, GradualRollout next) {
        return done(catalog.move(HELLO, seen.rollout().orElseThrow(), next));
    }

    @Test
    void deploy_gradually_movesStepByStepAndSurvivesARestart() {
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "blue"))));
        Service first = done(catalog.deploy(request("hello", gradually("green"))));

        assertThat(percents(first)).isEqualTo(Map.of("hello-blue", 90, "hello-green", 10));
        assertThat(traffic.discarded).isEmpty();
        GradualRollout begun = first.rollout().orElseThrow();
        assertThat(first.route().rollout()).contains(begun);
        traffic.reset();
        room.start();
        assertThat(traffic.table.routes().get(HELLO)).isEqualTo(first.route());

        Service second = moved(first, begun.forward(begun.begunAt().plusSeconds(300)));
        assertThat(percents(second)).isEqualTo(Map.of("hello-blue", 50, "hello-green", 50));
        assertThat(traffic.table.routes().get(HELLO)).isEqualTo(second.route());
        Service last =
                moved(
                        second,
                        second.rollout().orElseThrow().forward(begun.begunAt().plusSeconds(600)));
        assertThat(last.traffic()).isEqualTo(TrafficTarget.ALL_TO_LATEST);
        assertThat(last.rollout().orElseThrow().phase()).isEqualTo(GradualRollout.Phase.DONE);
        assertThat(last.route().rollout()).isEmpty();
        assertThat(done(catalog.service(HELLO))).isEqualTo(last);
    }

    @Test
    void move_back_asItWasWithTheReason_andOnlyOnce() {
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "blue"))));
        Service first = done(catalog.deploy(request("hello", gradually("green"))));
        GradualRollout begun = first.rollout().orElseThrow();
        GradualRollout back = begun.back("it fails", begun.begunAt().plusSeconds(1));

        Service after = moved(first, back);

        assertThat(percents(after)).isEqualTo(Map.of("hello-blue", 100));
        assertThat(after.rollout()).contains(back);
        assertThat(traffic.table.routes().get(HELLO)).isEqualTo(after.route());
        // another gateway that saw the first step too comes too late
        assertThat(failureOf(catalog.move(HELLO, begun, begun.forward(begun.begunAt()))).reason())
                .isEqualTo("rollout-moved");
        assertThat(done(catalog.service(HELLO))).isEqualTo(after);
    }

    @Test
    void move_backDuringADeploy_doesNotWaitForIt() {
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "blue"))));
        Service first = done(catalog.deploy(request("hello", gradually("green"))));
        GradualRollout begun = first.rollout().orElseThrow();
        CountDownLatch gate = new CountDownLatch(1);
        images.gate = Optional.of(gate);
        CompletionStage<Service> deploy = catalog.deploy(request("hello"));

        moved(first, begun.back("it fails", begun.begunAt()));

        assertThat(traffic.table.routes().get(HELLO).shares())
                .extracting(s -> s.revision().name().value())
                .containsExactly("hello-blue");
        gate.countDown();
        assertThat(percents(done(deploy))).isEqualTo(Map.of("hello-blue", 100));
    }

    @Test
    void rollout_whileOneRuns_isRefusedUntilSomebodyEndsIt() {
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "blue"))));
        done(catalog.deploy(request("hello", gradually("green"))));
        images.reset();

        HearthException again = failureOf(catalog.deploy(request("hello", gradually("red"))));
        assertThat(again.reason()).isEqualTo("rollout-in-progress");
        assertThat(
                        failureOf(
                                        catalog.rollOut(
                                                HELLO,
                                                Optional.empty(),
                                                RolloutPlan.parse("1m", "")))
                                .reason())
                .isEqualTo("rollout-in-progress");

        // a deploy in between gets nothing, and the rollout goes on
        Service between = done(catalog.deploy(request("hello")));
        assertThat(percents(between)).isEqualTo(Map.of("hello-blue", 90, "hello-green", 10));
        assertThat(between.route().rollout()).isPresent();

        Service back = done(catalog.rollback(HELLO));
        assertThat(percents(back)).isEqualTo(Map.of("hello-blue", 100));
        assertThat(back.rollout().orElseThrow().phase()).isEqualTo(GradualRollout.Phase.STOPPED);
        assertThat(back.rollout().orElseThrow().reason()).contains("somebody");
    }

    @Test
    void rollOut_toAKeptRevision_endsThereByItsName() {
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "blue"))));
        done(catalog.deploy(request("hello", new DeployRequest.Rollout(true, "", "green"))));
        RolloutPlan plan = RolloutPlan.parse("1m", "40,100");
        RevisionName blue = new RevisionName("hello-blue");

        Service first = done(catalog.rollOut(HELLO, Optional.of(blue), plan));
        assertThat(percents(first)).isEqualTo(Map.of("hello-green", 60, "hello-blue", 40));
        Service last = moved(first, first.rollout().orElseThrow().forward(first.updatedAt()));

        assertThat(last.traffic()).containsExactly(new TrafficTarget(Optional.of(blue), 100, ""));
        assertThat(failureOf(catalog.rollOut(HELLO, Optional.of(blue), plan)).reason())
                .isEqualTo("invalid-rollout");
        assertThat(
                        failureOf(
                                        catalog.rollOut(
                                                HELLO,
                                                Optional.of(new RevisionName("hello-red")),
                                                plan))
                                .reason())
                .isEqualTo("revision-not-found");
    }

    @Test
    void deploy_graduallyTheFirst_hasAllAtOnce() {
        Service first = done(catalog.deploy(request("hello", gradually("blue"))));

        assertThat(first.traffic()).isEqualTo(TrafficTarget.ALL_TO_LATEST);
        assertThat(first.rollout()).isEmpty();
    }

    @Test
    void domain_added_isRoutedKeptAndNobodyElses() throws SQLException {
        DomainName domain = new DomainName("shop.example.com");
        done(catalog.deploy(request("hello")));
        done(catalog.deploy(request("other")));

        DomainMapping added = done(catalog.addDomain(domain, HELLO));
        assertThat(done(catalog.addDomain(domain, HELLO))).isEqualTo(added);

        assertThat(done(catalog.domains())).containsExactly(added);
        assertThat(traffic.table.routes().get(HELLO).domains()).containsExactly(domain);
        assertThat(failureOf(catalog.addDomain(domain, new ServiceName("other"))).reason())
                .isEqualTo("domain-taken");
        assertThat(failureOf(catalog.addDomain(domain, new ServiceName("nobody"))).reason())
                .isEqualTo("service-not-found");
        done(catalog.deploy(request("hello")));
        traffic.reset();
        room.start();
        assertThat(traffic.table.routes().get(HELLO).domains()).containsExactly(domain);

        done(catalog.removeDomain(domain));
        assertThat(traffic.table.routes().get(HELLO).domains()).isEmpty();
        assertThat(failureOf(catalog.removeDomain(domain)).reason()).isEqualTo("domain-not-found");
        done(catalog.addDomain(domain, new ServiceName("other")));
        done(catalog.delete(new ServiceName("other")));
        assertThat(count("select count(*) from domains")).isZero();
    }

    @Test
    void domain_oneTooMany_isRefused() {
        done(catalog.deploy(request("hello")));
        for (int i = 0; i < DomainStore.MOST; i++) {
            done(catalog.addDomain(new DomainName("a" + i + ".example.com"), HELLO));
        }

        HearthException refusal =
                failureOf(catalog.addDomain(new DomainName("more.example.com"), HELLO));

        assertThat(refusal.reason()).isEqualTo("too-many-domains");
        assertThat(done(catalog.service(HELLO)).domains()).hasSize(DomainStore.MOST);
    }

    @Test
    void delete_revision_onlyWhenNobodyNeedsIt() {
        RevisionSpec first = done(catalog.deploy(request("hello"))).latest();
        RevisionSpec second = done(catalog.deploy(request("hello"))).latest();
        done(catalog.traffic(HELLO, tag("old", first)));

        assertThat(failureOf(catalog.delete(HELLO, second.name())).reason())
                .isEqualTo("revision-in-use");
        assertThat(failureOf(catalog.delete(HELLO, first.name())).reason())
                .isEqualTo("revision-in-use");
        done(catalog.traffic(HELLO, new TrafficChange(List.of(), Set.of("old"), Map.of())));
        done(catalog.delete(HELLO, first.name()));

        assertThat(done(catalog.service(HELLO)).revisions()).containsExactly(second);
        assertThat(failureOf(catalog.delete(HELLO, first.name())).reason())
                .isEqualTo("revision-not-found");
    }

    @Test
    void deploy_manyTimes_revisionsWithTrafficOrTagsAreKept() {
        RevisionSpec first = done(catalog.deploy(request("hello"))).latest();
        RevisionSpec second = done(catalog.deploy(request("hello"))).latest();
        done(catalog.traffic(HELLO, shares(second.name() + "=10", "LATEST=90")));
        done(catalog.traffic(HELLO, tag("old", first)));
        for (int i = 0; i < CatalogStore.KEPT_REVISIONS + 3; i++) {
            done(catalog.deploy(request("hello")));
        }

        assertThat(done(catalog.service(HELLO)).revisions())
                .hasSize(CatalogStore.KEPT_REVISIONS + 2)
                .contains(first, second);
    }

    @Test
    void delete_service_isGoneAndUnknownAfterwards() throws SQLException {
        Service first = done(catalog.deploy(request("hello")));

        done(catalog.delete(HELLO));

        assertThat(traffic.serving()).isEmpty();
        assertThat(count("select count(*) from revisions")).isZero();
        assertThat(failureOf(catalog.service(HELLO)).reason()).isEqualTo("service-not-found");
        assertThat(failureOf(catalog.delete(HELLO)).kind()).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(done(catalog.deploy(request("hello"))).serving().name())
                .isNotEqualTo(first.serving().name());
    }

    @Test
    void deploy_whileSameServiceIsDeployed_isRefused() {
        CountDownLatch gate = new CountDownLatch(1);
        images.gate = Optional.of(gate);
        CompletionStage<Service> first = catalog.deploy(request("hello"));

        HearthException second = failureOf(catalog.deploy(request("hello")));
        HearthException deletion = failureOf(catalog.delete(HELLO));
        gate.countDown();

        assertThat(second.kind()).isEqualTo(ErrorKind.CONFLICT);
        assertThat(second.reason()).isEqualTo("deploy-in-progress");
        assertThat(deletion.kind()).isEqualTo(ErrorKind.CONFLICT);
        assertThat(done(first).revisions()).hasSize(1);
        assertThat(done(catalog.deploy(request("hello"))).revisions()).hasSize(2);
    }

    @Test
    void deploy_manyServicesAtOnce_allServe() {
        List<CompletionStage<Service>> deploys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            deploys.add(catalog.deploy(request("service-" + i)));
        }

        deploys.forEach(Stages::done);

        assertThat(traffic.serving()).hasSize(40);
        assertThat(done(catalog.services())).hasSize(40);
    }

    @Test
    void calls_databaseHangs_unavailableWithinSecondsAndRecovers() {
        Service before = done(catalog.deploy(request("hello")));
        PostgresServer.running().hang();
        try {
            long begin = System.nanoTime();
            List<CompletionStage<?>> calls = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                calls.add(catalog.services());
            }
            calls.add(catalog.deploy(request("other")));
            calls.add(catalog.delete(HELLO));

            assertThat(calls)
                    .allSatisfy(
                            call -> {
                                HearthException failure = failureOf(call);
                                assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                                assertThat(failure.reason()).isEqualTo("database-unavailable");
                            });
            // each after its four seconds; one after the other they would take most of a minute
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(12));
            assertThat(traffic.serving()).containsEntry(HELLO, before.serving());
        } finally {
            PostgresServer.running().goOn();
        }
        until(() -> succeeds(catalog.deploy(request("hello"))));
        assertThat(traffic.serving()).containsOnlyKeys(HELLO);
    }

    @Test
    void calls_databaseStopped_unavailableWithinSecondsAndRecovers() throws Exception {
        Service before = done(catalog.deploy(request("hello")));
        PostgresServer.running().shutDown();
        try {
            assertThat(failureOf(catalog.services()).reason()).isEqualTo("database-unavailable");
            assertThat(failureOf(catalog.deploy(request("hello"))).kind())
                    .isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(traffic.serving()).containsEntry(HELLO, before.serving());
        } finally {
            PostgresServer.running().startAgain();
        }
        until(() -> succeeds(catalog.services()));
        assertThat(done(catalog.services())).containsExactly(before);
    }

    static DeployRequest request(String name) {
        return new DeployRequest(
                new ServiceName(name),
                "oci:/" + name,
                new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                new Resources(new Cpu(1000), DataSize.mebibytes(128)),
                new Scaling(80, 0, 100, Duration.ofSeconds(60)),
                Egress.DEFAULT,
                RequestPolicy.within(Duration.ofSeconds(300)));
    }

    /** One that sets everything, with text that JSON and SQL have to quote. */
    private static DeployRequest fullRequest() {
        return new DeployRequest(
                HELLO,
                "registry.example/hello:1@" + FakeImages.DIGEST,
                new ContainerSpec(
                        List.of("/bin/sh", "-c", "echo \"it's\" \\ \n; 'ü𝄞'"),
                        List.of("", "--", "$1"),
                        Map.of("A", "b=c", "Ü.x-y", "{\"a\":[1]}"),
                        9000),
                new Resources(new Cpu(250), DataSize.mebibytes(4096)),
                new Scaling(0, 1, 7, Duration.ofMillis(1500)),
                Egress.parse("10.1.0.0/16,203.0.113.7"),
                new RequestPolicy(
                        Duration.ofMillis(2500),
                        true,
                        RateLimit.parse("500/h,burst=7"),
                        RateLimit.parse("30/m")));
    }

    private static void sql(String statement) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            s.execute(statement);
        }
    }

    private static long count(String query) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(query)) {
            r.next();
            return r.getLong(1);
        }
    }
}
