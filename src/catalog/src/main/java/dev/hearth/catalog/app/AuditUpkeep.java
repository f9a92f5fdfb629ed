package dev.hearth.catalog.app;

import dev.hearth.catalog.store.AuditStore;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Keeps the audit log within its limits: looks now and then, and not only while nothing happens.
 */
@ApplicationScoped
class AuditUpkeep {
    private static final Logger LOG = Logger.getLogger(AuditUpkeep.class);
    private static final Duration BETWEEN = Duration.ofMinutes(10);

    private final AuditStore store;
    private final Vertx vertx;
    private final Duration age;
    private final long most;
    private long timer = -1;

    /**
     * @param age of the oldest entry that is kept
     * @param most entries that are kept
     */
    @Inject
    AuditUpkeep(
            AuditStore store,
            Vertx vertx,
            @ConfigProperty(name = "hearth.audit.age", defaultValue = "8760h") String age,
            @ConfigProperty(name = "hearth.audit.most", defaultValue = "100000") long most) {
        if (most < 1) {
            throw HearthException.invalid(
                    "invalid-setting", "hearth.audit.most=" + most + " is not at least 1");
        }
        this.store = store;
        this.vertx = vertx;
        this.age = Durations.parse(age);
        this.most = most;
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(BETWEEN.toMillis(), tick -> look());
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(timer);
    }

    private void look() {
        store.forget(Clock.system().now().minus(age), most)
                .subscribe()
                .with(
                        gone -> LOG.debugf("%d old entries of the audit log are gone", gone),
                        away -> LOG.debugf("the audit log was not looked at: %s", away.toString()));
    }
}
