package dev.hearth.catalog.app;

import dev.hearth.catalog.announce.Announcer;
import dev.hearth.catalog.announce.Follower;
import dev.hearth.catalog.announce.Reconciler;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.Migrations;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jboss.logging.Logger;

/** Starts and stops the catalog. */
final class CatalogRoom implements Room {
    private static final Logger LOG = Logger.getLogger(CatalogRoom.class);

    /** How long a start waits for a database that is not there yet. */
    static final Duration DATABASE_DEADLINE = Duration.ofSeconds(30);

    /** Longer than the store's own deadline, which answers with a better sentence. */
    private static final Duration LOAD_DEADLINE = CatalogStore.LOAD_DEADLINE.plusSeconds(6);

    private final DatabaseAddress address;
    private final CatalogStore store;
    private final Announcer announcer;
    private final Reconciler reconciler;
    private final Optional<Follower> follower;
    private final ExecutorService blocking;

    /**
     * @param follower where several gateways share the database
     */
    CatalogRoom(
            DatabaseAddress address,
            CatalogStore store,
            Announcer announcer,
            Reconciler reconciler,
            Optional<Follower> follower,
            ExecutorService blocking) {
        this.address = address;
        this.store = store;
        this.announcer = announcer;
        this.reconciler = reconciler;
        this.follower = follower;
        this.blocking = blocking;
    }

    @Override
    public Step step() {
        return Step.CATALOG;
    }

    /** Wait for the database, migrate, load, announce. */
    @Override
    public void start() {
        address.awaitAnswer(DATABASE_DEADLINE);
        Uni<Map<ServiceName, Route>> early = loadingAlready();
        boolean changed = Migrations.apply(address.dataSource());
        Map<ServiceName, Route> routes =
                (changed ? store.routes() : early.onItem().ifNull().switchTo(store::routes))
                        .await()
                        .atMost(LOAD_DEADLINE);
        announcer.all(routes);
        follower.ifPresent(Follower::start);
        LOG.debugf("%d services", routes.size());
    }

    /**
     * A load that runs beside the migration, since the first use of Hibernate takes as long as
     * Flyway's check (0.5 s each on two cores). What it finds counts only if there was nothing to
     * migrate; null when it fails, as it must on the very first start.
     */
    private Uni<Map<ServiceName, Route>> loadingAlready() {
        Uni<Map<ServiceName, Route>> load =
                store.routes()
                        .onFailure()
                        .invoke(failure -> LOG.debug("not loaded before the migration", failure))
                        .onFailure()
                        .recoverWithNull()
                        .memoize()
                        .indefinitely();
        load.subscribe().with(done -> LOG.debug("loaded beside the migration"));
        return load;
    }

    @Override
    public void stop() {
        follower.ifPresent(Follower::stop);
        reconciler.stop();
        blocking.shutdownNow();
    }
}
