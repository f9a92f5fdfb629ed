package dev.hearth.catalog.store;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.DeployRequest.Rollout;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficTarget;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Services and their revisions in PostgreSQL. Every call is one transaction and has a deadline. */
public final class CatalogStore {
    /** Revisions kept of each service; the serving one is kept beyond that. */
    public static final int KEPT_REVISIONS = 20;

    /** A guard against a script gone wild. */
    public static final int MOST_SERVICES = 20_000;

    /** Of all routes: 20 000 take a busy machine of two cores some seconds. */
    public static final Duration LOAD_DEADLINE = Duration.ofSeconds(20);

    /** Stands for all projects; no project's name is empty. */
    private static final String ALL = "";

    private final Database database;

    /** Whose services are listed. */
    private final String project;

    /** Lists the services of all projects. */
    public CatalogStore(Database database) {
        this(database, ALL);
    }

    private CatalogStore(Database database, String project) {
        this.database = database;
        this.project = project;
    }

    /**
     * The same, for somebody: the audit log has their name, and lists are of their project. Names
     * are not looked at.
     */
    public CatalogStore as(Caller caller) {
        return new CatalogStore(database.as(caller), caller.project().value());
    }

    /**
     * The number of a service's next revision, used up whether the deploy succeeds or not; 1 while
     * the service does not exist. Fails with EXHAUSTED {@code too-many-services}, CONFLICT {@code
     * rollout-in-progress}, or with what the rollout's condition says.
     */
    public Uni<Integer> reserveNumber(ServiceName service, Rollout rollout) {
        return database.transaction(
                session ->
                        locked(session, service)
                                .invoke(row -> check(rollout, service, row))
                                .chain(
                                        row ->
                                                row == null
                                                        ? firstNumber(session, service)
                                                        : Uni.createFrom().item(++row.lastNumber)));
    }

    private static void check(Rollout rollout, ServiceName service, @Nullable ServiceRow row) {
        check(rollout.change().condition(), service, row);
        if (row != null && rollout.gradual().isPresent()) {
            row.checkNoRollout();
        }
    }

    private static void check(
            ServiceCondition condition, ServiceName service, @Nullable ServiceRow row) {
        condition.check(service, Optional.ofNullable(row).map(ServiceRow::version));
    }

    private static Uni<Integer> firstNumber(Mutiny.Session session, ServiceName service) {
        return checkQuota(session, service)
                .chain(
                        () ->
                                session.createQuery("select count(*) from ServiceRow", Long.class)
                                        .getSingleResult())
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

    private static Uni<Integer> checkQuota(Mutiny.Session session, ServiceName service) {
        return session.createNativeQuery(
                        "select services from quotas where project = ?1 and services > 0 and services"
                                + " <= (select count(*) from services where project = ?1)",
                        Integer.class)
                .setParameter(1, service.project().value())
                .getSingleResultOrNull()
                .invoke(
                        most -> {
                            if (most != null) {
                                throw new HearthException(
                                        ErrorKind.EXHAUSTED,
                                        "quota-exceeded",
                                        "service \""
                                                + service
                                                + "\" would be one more than the project's quota of"
                                                + " services, "
                                                + most
                                                + "; delete one, or have an admin raise it with"
                                                + " `hearth quota`");
                            }
                        });
    }

    /**
     * Stores a revision, makes it the latest one and forgets the oldest beyond {@link
     * #KEPT_REVISIONS}; makes the service if it does not exist. CONFLICT {@code revision-exists}
     * when there was one of that name; what the rollout's condition says.
     */
    public Uni<Service> store(RevisionSpec revision, int number, Rollout rollout) {
        return database.transaction(
                session ->
                        session.find(RevisionRow.class, revision.name().value())
                                .invoke(existing -> checkNew(existing, revision))
                                .chain(() -> locked(session, revision.service()))
                                .invoke(row -> check(rollout, revision.service(), row))
                                .chain(row -> add(session, row, revision, number, rollout))
                                .chain(row -> prune(session, row).map(kept -> view(row, kept))));
    }

    private static void checkNew(@Nullable RevisionRow existing, RevisionSpec revision) {
        if (existing != null) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "revision-exists",
                    "there is a revision " + revision.name() + " already; choose another suffix");
        }
    }

    private static Uni<ServiceRow> add(
            Mutiny.Session session,
            @Nullable ServiceRow existing,
            RevisionSpec revision,
            int number,
            Rollout rollout) {
        ServiceRow row =
                existing != null
                        ? existing
                        : new ServiceRow(ServiceKey.of(revision.service()), revision.createdAt());
        Uni<List<TrafficTarget>> kept =
                !rollout.change().traffic().isEmpty()
                        ? wanted(session, row, revision, rollout.change().traffic())
                        : existing == null || rollout.traffic() && rollout.gradual().isEmpty()
                                ? Uni.createFrom().item(row.traffic.value())
                                : pinned(session, row);
        row.change(rollout.change());
        return kept.chain(
                before -> {
                    Optional<GradualRollout> moving =
                            existing == null
                                    ? Optional.empty()
                                    : rollout.gradual()
                                            .map(plan -> firstStep(revision, before, plan));
                    List<TrafficTarget> targets =
                            moving.map(m -> TrafficTarget.shared(m.shares(true), before))
                                    .orElse(before);
                    row.add(
                            number,
                            rollout.tag().isEmpty()
                                    ? targets
                                    : TrafficTarget.tagged(
                                            rollout.tag(), Optional.of(revision.name()), targets),
                            revision.createdAt());
                    moving.ifPresent(row::begin);
                    return session.persistAll(row, new RevisionRow(revision, number))
                            .chain(session::flush)
                            .replaceWith(row);
                });
    }

    private static GradualRollout firstStep(
            RevisionSpec revision, List<TrafficTarget> before, RolloutPlan plan) {
        return GradualRollout.begin(
                UUID.randomUUID(), revision.name(), true, before, plan, revision.createdAt());
    }

    /** Targets that a deploy brings along, which may name its own revision. */
    private static Uni<List<TrafficTarget>> wanted(
            Mutiny.Session session,
            ServiceRow row,
            RevisionSpec revision,
            List<TrafficTarget> targets) {
        return revisionsOf(session, row)
                .invoke(
                        all -> {
                            for (TrafficTarget target : targets) {
                                RevisionName name = target.revision().orElse(revision.name());
                                if (!name.equals(revision.name())
                                        && all.stream()
                                                .noneMatch(r -> r.name.equals(name.value()))) {
                                    throw revisionNotFound(revision.service(), name);
                                }
                            }
                        })
                .replaceWith(targets);
    }

    /** What goes to the latest revision stays with the one that is the latest now. */
    private static Uni<List<TrafficTarget>> pinned(Mutiny.Session session, ServiceRow row) {
        return revisionsOf(session, row).map(all -> named(view(row, all)));
    }

    /** A service's targets, with the latest revision by its name. */
    private static List<TrafficTarget> named(Service service) {
        RevisionName latest = service.latest().name();
        return service.traffic().stream()
                .map(
                        t ->
                                new TrafficTarget(
                                        t.revision().or(() -> Optional.of(latest)),
                                        t.percent(),
                                        t.tag()))
                .toList();
    }

    private static Uni<List<RevisionRow>> prune(Mutiny.Session session, ServiceRow service) {
        return revisionsOf(session, service)
                .chain(
                        all -> {
                            List<RevisionRow> surplus =
                                    all.stream()
                                            .skip(KEPT_REVISIONS)
                                            .filter(r -> !service.needs(r))
                                            .toList();
                            List<RevisionRow> kept =
                                    all.stream().filter(r -> !surplus.contains(r)).toList();
                            return session.removeAll(surplus.toArray()).replaceWith(kept);
                        });
    }

    /**
     * Gives a service other traffic. Fails with NOT_FOUND {@code service-not-found}, {@code
     * revision-not-found}, or what {@code change} throws.
     *
     * @param change gets the service as it is
     */
    public Uni<Service> traffic(
            ServiceName name, Function<Service, List<TrafficTarget>> change, Instant at) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(all -> shared(row, all, change, at))));
    }

    private static Service shared(
            ServiceRow row,
            List<RevisionRow> all,
            Function<Service, List<TrafficTarget>> change,
            Instant at) {
        Service before = view(row, all);
        List<TrafficTarget> targets = change.apply(before);
        for (TrafficTarget target : targets) {
            target.revision()
                    .filter(wanted -> before.revision(wanted).isEmpty())
                    .ifPresent(
                            unknown -> {
                                throw revisionNotFound(before.name(), unknown);
                            });
        }
        row.share(targets, at);
        return view(row, all);
    }

    /** Begins to move a service's requests to a revision; see CatalogPort.rollOut. */
    public Uni<Service> rollOut(
            ServiceName name, Optional<RevisionName> to, RolloutPlan plan, Instant at) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(ServiceRow::checkNoRollout)
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(
                                                                all ->
                                                                        begun(
                                                                                row, all, to, plan,
                                                                                at))));
    }

    private static Service begun(
            ServiceRow row,
            List<RevisionRow> all,
            Optional<RevisionName> to,
            RolloutPlan plan,
            Instant at) {
        Service before = view(row, all);
        RevisionName wanted = to.orElse(before.latest().name());
        if (before.revision(wanted).isEmpty()) {
            throw revisionNotFound(before.name(), wanted);
        }
        row.rollOut(
                GradualRollout.begin(
                        UUID.randomUUID(), wanted, to.isEmpty(), named(before), plan, at),
                isLatest(before, wanted),
                at);
        return view(row, all);
    }

    /** Takes a rollout from one state to the next; see CatalogPort.move. */
    public Uni<Service> move(
            ServiceName name, GradualRollout seen, GradualRollout next, Instant at) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(row -> checkUnmoved(row, seen))
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(all -> moved(row, all, next, at))));
    }

    private static void checkUnmoved(ServiceRow row, GradualRollout seen) {
        if (!row.rollout().equals(Optional.of(seen))) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "rollout-moved",
                    "the rollout of \""
                            + row.key.name()
                            + "\" was moved or ended by somebody else meanwhile; read it again");
        }
    }

    private static Service moved(
            ServiceRow row, List<RevisionRow> all, GradualRollout next, Instant at) {
        row.rollOut(next, isLatest(view(row, all), next.to()), at);
        return view(row, all);
    }

    private static boolean isLatest(Service service, RevisionName revision) {
        return service.latest().name().equals(revision);
    }

    /**
     * Changes a service without a new revision. Fails as {@link #traffic}, and with what the
     * change's condition says.
     */
    public Uni<Service> change(ServiceName name, ServiceChange wanted, Instant at) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(row -> check(wanted.condition(), name, row))
                                .invoke(row -> row.change(wanted))
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(
                                                                all ->
                                                                        changed(
                                                                                row, all, wanted,
                                                                                at))));
    }

    private static Service changed(
            ServiceRow row, List<RevisionRow> all, ServiceChange wanted, Instant at) {
        if (wanted.isOfInvokersOnly()) {
            row.touched(at);
            return view(row, all);
        }
        return shared(row, all, trafficOf(wanted), at);
    }

    private static Function<Service, List<TrafficTarget>> trafficOf(ServiceChange wanted) {
        return service -> wanted.traffic().isEmpty() ? service.traffic() : wanted.traffic();
    }

    /** Gives a service another budget. Fails with NOT_FOUND {@code service-not-found}. */
    public Uni<Service> budget(ServiceName name, Budget budget, Instant at) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(row -> row.hold(budget, at))
                                .chain(
                                        row ->
                                                revisionsOf(session, row)
                                                        .map(all -> view(row, all))));
    }

    /** Forgets a revision; see CatalogPort.delete. */
    public Uni<Void> delete(ServiceName name, RevisionName revision) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .chain(
                                        row ->
                                                session.find(RevisionRow.class, revision.value())
                                                        .map(r -> unneeded(row, r, revision)))
                                .chain(session::remove));
    }

    private static RevisionRow unneeded(
            ServiceRow row, @Nullable RevisionRow found, RevisionName name) {
        if (found == null || !found.isOf(row.key)) {
            throw revisionNotFound(row.key.service(), name);
        }
        if (row.needs(found)) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "revision-in-use",
                    "revision "
                            + name
                            + " is the latest, or has traffic or a tag; send those elsewhere first, with"
                            + " `hearth traffic`");
        }
        return found;
    }

    private static HearthException revisionNotFound(ServiceName service, RevisionName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "revision-not-found",
                "service \""
                        + service
                        + "\" has no revision "
                        + name
                        + "; `hearth revisions "
                        + service
                        + "` lists those that are kept");
    }

    /** The services by name. */
    public Uni<List<Service>> services() {
        return database.read(
                session ->
                        session.createQuery(
                                        "from ServiceRow where ?1 = '' or key.project = ?1"
                                                + " order by key.name, key.project",
                                        ServiceRow.class)
                                .setParameter(1, project)
                                .getResultList()
                                .chain(rows -> views(session, rows)));
    }

    /** See CatalogPort. */
    public Uni<Map<ServiceName, ServiceVersion>> versions() {
        return database.read(
                session ->
                        session.createQuery(
                                        "select key, uid, generation from ServiceRow"
                                                + " where ?1 = '' or key.project = ?1",
                                        Object[].class)
                                .setParameter(1, project)
                                .getResultList()
                                .map(CatalogStore::versions));
    }

    private static Map<ServiceName, ServiceVersion> versions(List<Object[]> rows) {
        Map<ServiceName, ServiceVersion> versions = new HashMap<>();
        for (Object[] row : rows) {
            versions.put(
                    ((ServiceKey) row[0]).service(),
                    new ServiceVersion((UUID) row[1], (Long) row[2]));
        }
        return versions;
    }

    private Uni<List<Service>> views(Mutiny.Session session, List<ServiceRow> rows) {
        return session.createQuery(
                        "from RevisionRow where ?1 = '' or project = ?1 order by number desc",
                        RevisionRow.class)
                .setParameter(1, project)
                .getResultList()
                .map(all -> views(rows, all));
    }

    /**
     * @param all revisions of these services, newest first
     */
    private static List<Service> views(List<ServiceRow> services, List<RevisionRow> all) {
        Map<ServiceKey, List<RevisionRow>> byService =
                all.stream().collect(Collectors.groupingBy(RevisionRow::of));
        return services.stream()
                .map(s -> view(s, byService.getOrDefault(s.key, List.of())))
                .toList();
    }

    /** A page of somebody's services, newest first; see CatalogPort. */
    public Uni<ServicePage> services(Optional<ServicePage.Cursor> after, int most) {
        return database.read(
                session ->
                        newest(session, after)
                                .setMaxResults(most + 1) // one more tells whether there is more
                                .getResultList()
                                .chain(rows -> page(session, rows, most)));
    }

    /** Pages are of one project, so that the index leads through them. */
    private String one() {
        return project.equals(ALL) ? ProjectName.DEFAULT.value() : project;
    }

    private Mutiny.SelectionQuery<ServiceRow> newest(
            Mutiny.Session session, Optional<ServicePage.Cursor> after) {
        String all = "from ServiceRow where key.project = ?1 ";
        String order = "order by createdAt desc, key.name";
        if (after.isEmpty()) {
            return session.createQuery(all + order, ServiceRow.class).setParameter(1, one());
        }
        return session.createQuery(
                        all + "and createdAt <= ?2 and (createdAt < ?2 or key.name > ?3) " + order,
                        ServiceRow.class)
                .setParameter(1, one())
                .setParameter(2, after.get().createdAt())
                .setParameter(3, after.get().name());
    }

    private Uni<ServicePage> page(Mutiny.Session session, List<ServiceRow> rows, int most) {
        List<ServiceRow> shown = rows.subList(0, Math.min(most, rows.size()));
        Optional<ServicePage.Cursor> next =
                rows.size() <= most
                        ? Optional.empty()
                        : Optional.of(
                                new ServicePage.Cursor(
                                        shown.getLast().createdAt, shown.getLast().key.name()));
        return session.createQuery(
                        "from RevisionRow where project = ?1 and service in ?2"
                                + " order by number desc",
                        RevisionRow.class)
                .setParameter(1, one())
                .setParameter(2, shown.stream().map(s -> s.key.name()).toList())
                .getResultList()
                .map(all -> new ServicePage(views(shown, all), next));
    }

    /** Fails with NOT_FOUND {@code service-not-found}. */
    public Uni<Service> service(ServiceName name) {
        return database.read(
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

    /**
     * Removes a service and its revisions. Fails with NOT_FOUND {@code service-not-found}, or what
     * the condition says.
     */
    public Uni<Void> delete(ServiceName name, ServiceCondition condition) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(row -> check(condition, name, row))
                                .chain(session::remove));
    }

    /** A number that moves with every change of a service, by whichever gateway. */
    public Uni<Long> changes() {
        return database.transaction(
                session ->
                        session.createNativeQuery(
                                        "select last_value from service_changes", Long.class)
                                .getSingleResult());
    }

    /** Where every service's requests go, of all projects; may take {@link #LOAD_DEADLINE}. */
    public Uni<Map<ServiceName, Route>> routes() {
        return database.readMuch(
                LOAD_DEADLINE,
                session ->
                        session.createQuery("from ServiceRow", ServiceRow.class)
                                .getResultList()
                                .chain(services -> routes(session, services)));
    }

    /** Reads the revisions that are routed, rather than all that are kept. */
    private static Uni<Map<ServiceName, Route>> routes(
            Mutiny.Session session, List<ServiceRow> services) {
        List<String> named =
                services.stream()
                        .flatMap(s -> s.traffic.targets().stream())
                        .map(TrafficColumn.Target::revision)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList();
        return session.createQuery(
                        """
                        select r from RevisionRow r, ServiceRow s
                        where r.project = s.key.project and r.service = s.key.name
                        and (r.number = s.latestNumber or r.name in ?1)
                        order by r.number desc\
                        """,
                        RevisionRow.class)
                .setParameter(1, named.isEmpty() ? List.of("") : named)
                .getResultList()
                .map(
                        all ->
                                views(services, all).stream()
                                        .collect(Collectors.toMap(Service::name, Service::route)));
    }

    private static Uni<ServiceRow> lockedOrFail(Mutiny.Session session, ServiceName name) {
        return locked(session, name).onItem().ifNull().failWith(() -> notFound(name));
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
        List<RevisionSpec> specs = new ArrayList<>(revisions.size());
        Optional<RevisionSpec> latest = Optional.empty();
        for (RevisionRow revision : revisions) {
            specs.add(revision.spec());
            if (revision.number == row.latestNumber) {
                latest = Optional.of(specs.getLast());
            }
        }
        return new Service(
                row.key.service(),
                row.version(),
                row.metadata.value(),
                latest.orElseThrow(),
                Invokers.parse(row.invokers),
                new InstanceBounds(row.minInstances, row.maxInstances),
                Budget.parse(row.budget),
                row.traffic.value(),
                row.rollout(),
                row.domains().value(),
                specs,
                row.createdAt,
                row.updatedAt);
    }

    static HearthException notFound(ServiceName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "service-not-found",
                "there is no service \"" + name + "\"; `hearth services` lists those there are");
    }
}
