package dev.hearth.catalog.announce;

import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Finds out what the database holds after a write whose end nobody saw, and announces that.
 *
 * <p>When the connection breaks during a commit, the caller was told that it failed, yet the rows
 * may be there, and the next start would serve them. So the database's word is taken as soon as it
 * can be had again: each such service is asked for until an answer comes, at most every {@link
 * #LONGEST_PAUSE}.
 */
public final class Reconciler {
    private static final Logger LOG = Logger.getLogger(Reconciler.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final CatalogStore store;
    private final Announcer announcer;
    private final Turns turns;
    private final Map<ServiceName, Check> unsure = new ConcurrentHashMap<>();

    public Reconciler(CatalogStore store, Announcer announcer, Turns turns) {
        this.store = store;
        this.announcer = announcer;
        this.turns = turns;
    }

    /**
     * Makes sure that the service is announced as the database has it; returns at once. A check
     * that is under way is begun anew, since what it has read may be out of date.
     */
    public void check(ServiceName service) {
        Check check = new Check();
        Check earlier = unsure.put(service, check);
        if (earlier != null) {
            earlier.running.cancel();
        }
        check.running =
                Uni.createFrom()
                        .deferred(() -> announceStored(service))
                        .onFailure()
                        .retry()
                        .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                        .indefinitely()
                        .subscribe()
                        .with(
                                done -> unsure.remove(service, check),
                                failure -> LOG.errorf(failure, "checking %s ended", service));
    }

    /** Gives up on what is not known yet; the next start reads everything anyway. */
    public void stop() {
        unsure.values().forEach(check -> check.running.cancel());
        unsure.clear();
    }

    private Uni<Void> announceStored(ServiceName service) {
        long seen = announcer.changes(service);
        return stored(service)
                .chain(truth -> turns.exclusively(service, () -> announce(service, truth, seen)));
    }

    private Uni<Optional<Route>> stored(ServiceName service) {
        return store.service(service)
                .map(Service::route)
                .map(Optional::of)
                .onFailure(f -> HearthException.from(f).kind() == ErrorKind.NOT_FOUND)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Void> announce(ServiceName service, Optional<Route> truth, long seen) {
        boolean announced =
                announcer.unlessChanged(
                        service,
                        seen,
                        () ->
                                truth.ifPresentOrElse(
                                        route -> announcer.routes(service, route),
                                        () -> announcer.gone(service)));
        return announced
                ? Uni.createFrom().voidItem()
                : Uni.createFrom()
                        .failure(new IllegalStateException("announced meanwhile; look again"));
    }

    private static final class Check {
        private volatile Cancellable running = () -> {};
    }
}
