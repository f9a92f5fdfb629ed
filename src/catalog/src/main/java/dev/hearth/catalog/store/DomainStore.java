package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Host names of services' own, in PostgreSQL. Every call is one transaction and has a deadline. */
public final class DomainStore {
    /** Of one service. */
    public static final int MOST = 20;

    private final Database database;

    /** Whose domains there are; empty for those of all projects. */
    private final String project;

    public DomainStore(Database database) {
        this(database, "");
    }

    private DomainStore(Database database, String project) {
        this.database = database;
        this.project = project;
    }

    /**
     * The same, for somebody: the audit log has their name, and there are no domains but those of
     * their project.
     */
    public DomainStore as(Caller caller) {
        return new DomainStore(database.as(caller), caller.project().value());
    }

    /** All of them, by name. */
    public Uni<List<DomainMapping>> all() {
        return database.read(
                session ->
                        session.createQuery(
                                        "from DomainRow where ?1 = '' or project = ?1 order by name",
                                        DomainRow.class)
                                .setParameter(1, project)
                                .getResultList()
                                .map(rows -> rows.stream().map(DomainRow::mapping).toList()));
    }

    /** See CatalogPort.addDomain. */
    public Uni<DomainMapping> add(DomainName domain, ServiceName service, Instant at) {
        return database.transaction(
                session ->
                        locked(session, ServiceKey.of(service))
                                .onItem()
                                .ifNull()
                                .failWith(() -> CatalogStore.notFound(service))
                                .chain(
                                        row ->
                                                session.find(DomainRow.class, domain.value())
                                                        .chain(
                                                                there ->
                                                                        add(
                                                                                session, row, there,
                                                                                domain, at))));
    }

    private static Uni<DomainMapping> add(
            Mutiny.Session session,
            ServiceRow service,
            @Nullable DomainRow there,
            DomainName domain,
            Instant at) {
        if (there != null) {
            if (there.of().equals(service.key)) {
                return Uni.createFrom().item(there.mapping());
            }
            if (!there.project.equals(service.key.project())) {
                throw new HearthException(
                        ErrorKind.CONFLICT,
                        "domain-taken",
                        "domain " + domain + " is taken; whose it is is not told");
            }
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "domain-taken",
                    "domain "
                            + domain
                            + " leads to service \""
                            + there.service
                            + "\" already; take it away there first, with `hearth domains remove "
                            + domain
                            + "`");
        }
        DomainsColumn now = service.domains();
        if (now.names().size() >= MOST) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-domains",
                    "domain "
                            + domain
                            + " would be one more than the "
                            + MOST
                            + " that a service may have; remove one first");
        }
        DomainRow row = new DomainRow(domain, service.key, at);
        service.setDomains(now.with(domain), at);
        return session.persist(row).replaceWith(row.mapping());
    }

    /** Whom a domain leads to. NOT_FOUND {@code domain-not-found}. */
    public Uni<ServiceName> service(DomainName domain) {
        return database.read(session -> found(session, domain).map(row -> row.of().service()));
    }

    /** See CatalogPort.removeDomain. */
    public Uni<Void> remove(DomainName domain, ServiceName service, Instant at) {
        return database.transaction(
                session ->
                        locked(session, ServiceKey.of(service))
                                .onItem()
                                .ifNull()
                                .failWith(() -> CatalogStore.notFound(service))
                                .invoke(row -> row.setDomains(row.domains().without(domain), at))
                                .chain(row -> found(session, domain))
                                .chain(session::remove));
    }

    private Uni<DomainRow> found(Mutiny.Session session, DomainName domain) {
        return session.find(DomainRow.class, domain.value())
                .map(
                        row ->
                                row == null || project.isEmpty() || row.project.equals(project)
                                        ? row
                                        : null)
                .onItem()
                .ifNull()
                .failWith(() -> notFound(domain));
    }

    private static Uni<ServiceRow> locked(Mutiny.Session session, ServiceKey key) {
        return session.find(ServiceRow.class, key, LockModeType.PESSIMISTIC_WRITE);
    }

    private static HearthException notFound(DomainName domain) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "domain-not-found",
                "domain "
                        + domain
                        + " leads to no service; `hearth domains list` lists those that do");
    }
}
