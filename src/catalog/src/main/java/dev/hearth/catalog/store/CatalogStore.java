package dev.hearth.catalog.store;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Services and their revisions in PostgreSQL. Every call is one transaction and has a deadline. */
public final class CatalogStore {
    /** Revisions kept of each service; the serving one is kept beyond that. */
    public static final int KEPT_REVISIONS = 20;

    /** A guard against a script gone wild. */
    public static final int MOST_SERVICES = 20_000;

    private final Database database;

    public CatalogStore(Database database) {
        this.database = database;
    }

    /**
     * The number of a service's next revision, used up whether the deploy succeeds or not; 1 while
     * the service does not exist. Fails with EXHAUSTED {@code too-many-services}.
     */
    public Uni<Integer> reserveNumber(ServiceName service) {
        return database.transaction(
                session ->
                        locked(session, service)
                                .chain(
                                        row ->
                                                row == null
                                                        ? firstNumber(session, service)
                                                        : Uni.createFrom().item(++row.lastNumber)));
    }

    private static Uni<Integer> firstNumber(Mutiny.Session session, ServiceName service) {
        return session.createQuery("select count(*) from ServiceRow", Long.class)
                .getSingleResult()
                .map(
                        count -> {
                            if (count >= MOST_SERVICES) {
                                throw new HearthException(
                                        ErrorKind.EXHAUSTED,
                                        "too-many-services",
                                        "service \""
                                                + service
                                                + "\" would be one more than the "
                                                + MOST_SERVICES
                                                + " that are the most; delete some first");
                            }
                            return 1;
                        });
    }

    /**
     * Stores a revision, makes it the serving one and forgets the oldest beyond {@link
     * #KEPT_REVISIONS}; makes the service if it does not exist.
     */
    public Uni<Service> store(RevisionSpec revision, int number) {
        return database.transaction(
                session ->
                        locked(session, revision.service())
                                .chain(row -> serve(session, row, revision, number))
                                .chain(row -> prune(session, row).map(kept -> view(row, kept))));
    }

    private static Uni<ServiceRow> serve(
            Mutiny.Session session, ServiceRow existing, RevisionSpec revision, int number) {
        ServiceRow row =
                existing != null
                        ? existing
                        : new ServiceRow(ServiceKey.of(revision.service()), revision.createdAt());
        row.serve(number, revision.createdAt());
        return session.persistAll(row, new RevisionRow(revision, number))
                .chain(session::flush)
                .replaceWith(row);
    }

    private static Uni<List<RevisionRow>> prune(Mutiny.Session session, ServiceRow service) {
        return revisionsOf(session, service)
                .chain(
                        all -> {
                            List<RevisionRow> surplus =
                                    all.stream()
                                            .skip(KEPT_REVISIONS)
                                            .filter(r -> r.number != service.servingNumber)
                                            .toList();
                            List<RevisionRow> kept =
                                    all.stream().filter(r -> !surplus.contains(r)).toList();
                            return session.removeAll(surplus.toArray()).replaceWith(kept);
                        });
    }

    /** All services by name. */
    public Uni<List<Service>> services() {
        return database.transaction(
                session ->
                        session.createQuery(
                                        "from ServiceRow where key.project = ?1 order by key.name",
                                        ServiceRow.class)
                                .setParameter(1, ServiceKey.DEFAULT_PROJECT)
                                .getResultList()
                                .chain(rows -> views(session, rows)));
    }

    private static Uni<List<Service>> views(Mutiny.Session session, List<ServiceRow> rows) {
        return session.createQuery(
                        "from RevisionRow where project = ?1 order by number desc",
                        RevisionRow.class)
                .setParameter(1, ServiceKey.DEFAULT_PROJECT)
                .getResultList()
                .map(
                        all -> {
                            Map<String, List<RevisionRow>> byService =
                                    all.stream().collect(Collectors.groupingBy(r -> r.service));
                            return rows.stream()
                                    .map(
                                            r ->
                                                    view(
                                                            r,
                                                            byService.getOrDefault(
                                                                    r.key.name(), List.of())))
                                    .toList();
                        });
    }

    /** Fails with NOT_FOUND {@code service-not-found}. */
    public Uni<Service> service(ServiceName name) {
        return database.transaction(
                session ->
                        session.find(ServiceRow.class, ServiceKey.of(name))
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(name))
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(all -> view(row, all))));
    }

    /** Removes a service and its revisions. Fails with NOT_FOUND {@code service-not-found}. */
    public Uni<Void> delete(ServiceName name) {
        return database.transaction(
                session ->
                        locked(session, name)
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(name))
                                .chain(session::remove));
    }

    /** The serving revision of every service. */
    public Uni<List<RevisionSpec>> serving() {
        return database.transaction(
                session ->
                        session.createQuery(
                                        """
                                        select r from RevisionRow r, ServiceRow s
                                        where r.project = s.key.project and r.service = s.key.name
                                        and r.number = s.servingNumber and s.key.project = ?1\
                                        """,
                                        RevisionRow.class)
                                .setParameter(1, ServiceKey.DEFAULT_PROJECT)
                                .getResultList()
                                .map(rows -> rows.stream().map(RevisionRow::spec).toList()));
    }

    private static Uni<ServiceRow> locked(Mutiny.Session session, ServiceName name) {
        return session.find(ServiceRow.class, ServiceKey.of(name), LockModeType.PESSIMISTIC_WRITE);
    }

    private static Uni<List<RevisionRow>> revisionsOf(Mutiny.Session session, ServiceRow service) {
        return session.createQuery(
                        "from RevisionRow where project = ?1 and service = ?2 order by number desc",
                        RevisionRow.class)
                .setParameter(1, service.key.project())
                .setParameter(2, service.key.name())
                .getResultList();
    }

    private static Service view(ServiceRow row, List<RevisionRow> revisions) {
        RevisionSpec serving =
                revisions.stream()
                        .filter(r -> r.number == row.servingNumber)
                        .findFirst()
                        .orElseThrow()
                        .spec();
        return new Service(
                new ServiceName(row.key.name()),
                serving,
                revisions.stream().map(RevisionRow::spec).toList(),
                row.createdAt,
                row.updatedAt);
    }

    private static HearthException notFound(ServiceName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "service-not-found",
                "there is no service \"" + name + "\"; `hearth services` lists those there are");
    }
}
