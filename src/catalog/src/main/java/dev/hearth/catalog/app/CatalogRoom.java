package dev.hearth.catalog.app;

import dev.hearth.catalog.announce.Announcer;
import dev.hearth.catalog.announce.Reconciler;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.Migrations;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Room;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jboss.logging.Logger;

/** Starts and stops the catalog. */
final class CatalogRoom implements Room {
    private static final Logger LOG = Logger.getLogger(CatalogRoom.class);

    /** How long a start waits for a database that is not there yet. */
    static final Duration DATABASE_DEADLINE = Duration.ofSeconds(30);

    /** Longer than the store's own deadline, which answers with a better sentence. */
    private static final Duration LOAD_DEADLINE = Duration.ofSeconds(10);

    private final DatabaseAddress address;
    private final CatalogStore store;
    private final Announcer announcer;
    private final Reconciler reconciler;
    private final ExecutorService blocking;

    CatalogRoom(
            DatabaseAddress address,
            CatalogStore store,
            Announcer announcer,
            Reconciler reconciler,
            ExecutorService blocking) {
        this.address = address;
        this.store = store;
        this.announcer = announcer;
        this.reconciler = reconciler;
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
        Migrations.apply(address.dataSource());
        List<RevisionSpec> serving = store.serving().await().atMost(LOAD_DEADLINE);
        announcer.all(serving);
        LOG.debugf("%d services", serving.size());
    }

    @Override
    public void stop() {
        reconciler.stop();
        blocking.shutdownNow();
    }
}
