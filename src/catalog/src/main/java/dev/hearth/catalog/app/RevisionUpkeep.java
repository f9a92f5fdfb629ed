package dev.hearth.catalog.app;

import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.OldRevisions;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** Forgets revisions that are old and that nobody needs. */
@ApplicationScoped
class RevisionUpkeep {
    private static final Logger LOG = Logger.getLogger(RevisionUpkeep.class);
    private static final Duration BETWEEN = Duration.ofMinutes(10);

    private final OldRevisions store;
    private final Vertx vertx;
    private final Duration age;
    private long timer = -1;

    /**
     * @param age of the oldest ones that are kept without being needed; 0s for no limit
     */
    @Inject
    RevisionUpkeep(
            Mutiny.SessionFactory sessions,
            Vertx vertx,
            @ConfigProperty(name = "hearth.revisions.age", defaultValue = "8760h") String age) {
        this.store = new OldRevisions(new Database(sessions, vertx));
        this.vertx = vertx;
        this.age = Durations.parse(age);
    }

    void start(@Observes StartupEvent started) {
        if (!age.isZero()) {
            timer = vertx.setPeriodic(BETWEEN.toMillis(), tick -> look());
        }
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(timer);
    }

    private void look() {
        store.forget(Clock.system().now().minus(age))
                .subscribe()
                .with(
                        gone -> LOG.debugf("%d old revisions are gone", gone),
                        away -> LOG.debugf("old revisions were not looked at: %s", away));
    }
}
