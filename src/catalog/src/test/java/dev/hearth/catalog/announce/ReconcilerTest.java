package dev.hearth.catalog.announce;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.FakeImages;
import dev.hearth.catalog.FakeTraffic;
import dev.hearth.catalog.PostgresServer;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.Database;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The write whose end nobody saw is played by writing behind the announcer's back. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class ReconcilerTest {
    private static final ServiceName LOST = new ServiceName("lost");

    @Inject Mutiny.SessionFactory sessions;
    @Inject Vertx vertx;
    @Inject Room room;

    private final FakeTraffic traffic = new FakeTraffic();
    private final Turns turns = new Turns();
    private CatalogStore store;
    private Reconciler reconciler;

    @BeforeEach
    void start() {
        room.start();
        store = new CatalogStore(new Database(sessions, vertx));
        reconciler = new Reconciler(store, new Announcer(traffic, new FakeImages()), turns);
    }

    @AfterEach
    void stop() {
        reconciler.stop();
        store.delete(LOST, ServiceCondition.ANY)
                .onFailure()
                .recoverWithNull()
                .await()
                .atMost(Duration.ofSeconds(5));
    }

    @Test
    void check_revisionWasStoredAfterAll_isAnnounced() {
        RevisionSpec stored = store("lost-00001-abc");

        reconciler.check(LOST);

        until(() -> traffic.serving().equals(Map.of(LOST, stored)));
    }

    @Test
    void check_serviceWasDeletedAfterAll_isAnnounced() {
        store("lost-00001-abc");
        reconciler.check(LOST);
        until(() -> traffic.serving().size() == 1);
        done(store.delete(LOST, ServiceCondition.ANY).subscribeAsCompletionStage());

        reconciler.check(LOST);

        until(() -> traffic.serving().isEmpty());
    }

    @Test
    void check_databaseHangsMeanwhile_isAnnouncedWhenItIsBack() {
        RevisionSpec stored = store("lost-00001-abc");
        PostgresServer.running().hang();
        reconciler.check(LOST);
        try {
            assertThat(traffic.serving()).isEmpty();
        } finally {
            PostgresServer.running().goOn();
        }

        until(() -> traffic.serving().equals(Map.of(LOST, stored)));
    }

    @Test
    void check_duringADeploy_waitsForItsEnd() {
        RevisionSpec stored = store("lost-00001-abc");
        CompletableFuture<Void> deploy = new CompletableFuture<>();
        var turn =
                turns.exclusively(LOST, () -> Uni.createFrom().completionStage(deploy))
                        .subscribeAsCompletionStage();

        reconciler.check(LOST);
        assertThat(traffic.serving()).isEmpty();
        deploy.complete(null);

        done(turn);
        until(() -> traffic.serving().equals(Map.of(LOST, stored)));
    }

    private RevisionSpec store(String name) {
        RevisionSpec revision =
                new RevisionSpec(
                        new RevisionName(name),
                        LOST,
                        "oci:/lost",
                        Digest.sha256("cd".repeat(32)),
                        new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                        new Resources(new Cpu(1000), DataSize.mebibytes(64)),
                        new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                        Egress.DEFAULT,
                        Duration.ofSeconds(300),
                        Instant.parse("2026-01-01T00:00:00Z"));
        return done(store.store(revision, 1, DeployRequest.Rollout.USUAL)
                        .subscribeAsCompletionStage())
                .serving();
    }
}
