package dev.hearth.catalog.app;

import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.TaskUsageStore;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.TaskUsagePort;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** The items of jobs' bills, which are kept for as long as those of requests are. */
@ApplicationScoped
class TaskUsageBeans {
    private static final Logger LOG = Logger.getLogger(TaskUsageBeans.class);
    private static final Duration BETWEEN = Duration.ofMinutes(10);

    private final TaskUsageStore store;
    private final Vertx vertx;
    private final Duration kept;
    private long timer = -1;

    /**
     * @param kept as the gateway keeps the others
     */
    @Inject
    TaskUsageBeans(
            Mutiny.SessionFactory sessions,
            Vertx vertx,
            @ConfigProperty(name = "hearth.usage.items.kept", defaultValue = "168h") String kept) {
        this.store = new TaskUsageStore(new Database(sessions, vertx));
        this.vertx = vertx;
        this.kept = Durations.parse(kept);
    }

    @Produces
    @Singleton
    TaskUsagePort port() {
        return query -> Catalog.begun(store.attempts(query));
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(BETWEEN.toMillis(), tick -> look());
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(timer);
    }

    private void look() {
        store.forget(Clock.system().now().minus(kept))
                .subscribe()
                .with(
                        gone -> LOG.debugf("%d old items of jobs' bills are gone", gone),
                        away -> LOG.debugf("jobs' items were not looked at: %s", away.toString()));
    }
}
