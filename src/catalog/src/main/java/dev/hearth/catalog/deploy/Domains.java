package dev.hearth.catalog.deploy;

import dev.hearth.catalog.announce.Announcer;
import dev.hearth.catalog.announce.Reconciler;
import dev.hearth.catalog.announce.Turns;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.DomainStore;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The flows that lead domains to services. */
public final class Domains {
    private final DomainStore domains;
    private final CatalogStore store;
    private final Announcer announcer;
    private final Reconciler reconciler;
    private final Turns turns;
    private final Clock clock;

    public Domains(
            DomainStore domains,
            CatalogStore store,
            Announcer announcer,
            Reconciler reconciler,
            Turns turns,
            Clock clock) {
        this.domains = domains;
        this.store = store;
        this.announcer = announcer;
        this.reconciler = reconciler;
        this.turns = turns;
        this.clock = clock;
    }

    /** The same, for changes by somebody: the audit log has their name. */
    public Domains as(Caller caller) {
        return new Domains(
                domains.as(caller), store.as(caller), announcer, reconciler, turns, clock);
    }

    /** See CatalogPort.domains. */
    public Uni<List<DomainMapping>> all() {
        return domains.all();
    }

    /** See CatalogPort.addDomain. */
    public Uni<DomainMapping> add(DomainName domain, ServiceName service) {
        return turns.exclusively(
                service,
                () ->
                        domains.add(domain, service, now())
                                .onFailure(Domains::isUnsure)
                                .invoke(() -> reconciler.check(service))
                                .call(() -> announce(service)));
    }

    /** See CatalogPort.removeDomain. */
    public Uni<Void> remove(DomainName domain) {
        return domains.service(domain)
                .chain(
                        service ->
                                turns.exclusively(
                                        service,
                                        () ->
                                                domains.remove(domain, service, now())
                                                        .onFailure(Domains::isUnsure)
                                                        .invoke(() -> reconciler.check(service))
                                                        .call(() -> announce(service))));
    }

    /** As it is stored now; it has its turn, so that nobody else announces it meanwhile. */
    private Uni<Service> announce(ServiceName service) {
        return store.service(service)
                .invoke(stored -> announcer.routes(service, stored.route()))
                .onFailure()
                .invoke(() -> reconciler.check(service));
    }

    private Instant now() {
        return clock.now().truncatedTo(ChronoUnit.MICROS);
    }

    private static boolean isUnsure(Throwable failure) {
        return !HearthException.from(failure).kind().isCallersFault();
    }
}
