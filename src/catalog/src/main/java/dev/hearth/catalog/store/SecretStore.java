package dev.hearth.catalog.store;

import dev.hearth.catalog.secret.Sealing;
import dev.hearth.catalog.secret.Sealing.Sealed;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretPort.Secret;
import dev.hearth.contracts.SecretPort.State;
import dev.hearth.contracts.SecretPort.Version;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Secrets in PostgreSQL, encrypted; see {@link SecretPort}. */
public final class SecretStore {
    private static final String VERSION =
            "select version, state, coalesce(key_id, ''), created_at from secret_versions"
                    + " where project = ?1 and name = ?2 ";

    /** Of services that would miss it: their latest revision, and those with traffic or a tag. */
    private static final String USERS =
            """
            select 'service "' || s.name || '"' as name from services s join revisions r on r.project = s.project and r.service = s.name
            where s.project = ?1
                and (r.number = s.latest_number
                    or exists (select 1
                        from jsonb_array_elements(s.traffic -> 'targets') target
                        where target ->> 'revision' = r.name))
                and exists (select 1
                    from jsonb_array_elements_text(coalesce(r.container -> 'secrets', '[]')) mounted
                    where split_part(split_part(mounted, '=', 2), ':', 1) = ?2)
            union all
            select 'job "' || j.name || '"' from jobs j
            where j.project = ?1
                and exists (select 1
                    from jsonb_array_elements_text(coalesce(j.template -> 'secrets', '[]')) mounted
                    where split_part(split_part(mounted, '=', 2), ':', 1) = ?2)
            order by name\
            """;

    private final Database database;
    private final Sealing sealing;
    private final Clock clock;

    public SecretStore(Database database, Sealing sealing, Clock clock) {
        this.database = database;
        this.sealing = sealing;
        this.clock = clock;
    }

    /** What is encrypted with a value: nobody can put it anywhere else. */
    static String place(ProjectName project, SecretName name, int version) {
        return "version " + version + " of secret " + project + "/" + name;
    }

    public Uni<List<Secret>> secrets(ProjectName project) {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select name, last_version, created_at from secrets"
                                                + " where project = ?1 order by name",
                                        Object[].class)
                                .setParameter(1, project.value())
                                .getResultList()
                                .map(rows -> rows.stream().map(SecretStore::secret).toList()));
    }

    private static Secret secret(Object[] row) {
        return new Secret(
                new SecretName((String) row[0]),
                ((Number) row[1]).intValue(),
                Columns.instant(row[2]));
    }

    public Uni<List<Version>> versions(ProjectName project, SecretName name) {
        return database.read(
                session ->
                        session.createNativeQuery(VERSION + "order by version desc", Object[].class)
                                .setParameter(1, project.value())
                                .setParameter(2, name.value())
                                .getResultList()
                                .map(
                                        rows -> {
                                            if (rows.isEmpty()) {
                                                throw notFound(name);
                                            }
                                            return rows.stream()
                                                    .map(row -> version(name, row))
                                                    .toList();
                                        }));
    }

    private static Version version(SecretName name, Object[] row) {
        return new Version(
                name,
                ((Number) row[0]).intValue(),
                state((String) row[1]),
                (String) row[2],
                Columns.instant(row[3]));
    }

    private static State state(String word) {
        return State.valueOf(word.toUpperCase(Locale.ROOT));
    }

    public Uni<Version> create(Caller by, SecretName name, byte[] value) {
        ProjectName project = by.project();
        Sealed sealed = sealing.seal(place(project, name, 1), value);
        OffsetDateTime now = now();
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery(
                                                "select count(*) from secrets where project = ?1",
                                                Long.class)
                                        .setParameter(1, project.value())
                                        .getSingleResult()
                                        .invoke(SecretStore::checkMost)
                                        .chain(
                                                () ->
                                                        session.createNativeQuery(
                                                                        "insert into secrets values"
                                                                                + " (?1, ?2, 1, ?3)"
                                                                                + " on conflict do"
                                                                                + " nothing")
                                                                .setParameter(1, project.value())
                                                                .setParameter(2, name.value())
                                                                .setParameter(3, now)
                                                                .executeUpdate())
                                        .invoke(made -> checkMade(made, name))
                                        .chain(
                                                () ->
                                                        insert(
                                                                session, project, name, 1, sealed,
                                                                now)));
    }

    private static void checkMost(long there) {
        if (there >= SecretPort.MOST_SECRETS) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-secrets",
                    "there are " + there + " secrets, which are the most; delete some first");
        }
    }

    private static void checkMade(int made, SecretName name) {
        if (made == 0) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "secret-exists",
                    "there is a secret \""
                            + name
                            + "\" already; add a version to it with `hearth secrets add`");
        }
    }

    public Uni<Version> add(Caller by, SecretName name, byte[] value) {
        ProjectName project = by.project();
        String key = sealing.currentKey(); // or why there is none, before anything else
        OffsetDateTime now = now();
        return database.as(by)
                .transaction(
                        session ->
                                locked(session, project, name)
                                        .map(last -> nextVersion(name, last))
                                        .call(next -> setLast(session, project, name, next))
                                        .chain(
                                                next -> {
                                                    Sealed sealed =
                                                            sealing.seal(
                                                                    place(project, name, next),
                                                                    value);
                                                    return insert(
                                                            session, project, name, next, sealed,
                                                            now);
                                                }));
    }

    private static int nextVersion(SecretName name, int last) {
        if (last >= SecretPort.MOST_VERSIONS) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-versions",
                    "secret \""
                            + name
                            + "\" has had "
                            + last
                            + " versions, which are the most; make another secret");
        }
        return last + 1;
    }

    /** Its last version's number, locked until the transaction ends. */
    private static Uni<Integer> locked(
            Mutiny.Session session, ProjectName project, SecretName name) {
        return last(session, project, name, " for update");
    }

    private static Uni<Integer> last(
            Mutiny.Session session, ProjectName project, SecretName name, String how) {
        return session.createNativeQuery(
                        "select last_version from secrets where project = ?1 and name = ?2" + how,
                        Integer.class)
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .getSingleResultOrNull()
                .onItem()
                .ifNull()
                .failWith(() -> notFound(name));
    }

    private static Uni<Integer> setLast(
            Mutiny.Session session, ProjectName project, SecretName name, int last) {
        return session.createNativeQuery(
                        "update secrets set last_version = ?3 where project = ?1 and name = ?2")
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setParameter(3, last)
                .executeUpdate();
    }

    private static Uni<Version> insert(
            Mutiny.Session session,
            ProjectName project,
            SecretName name,
            int version,
            Sealed sealed,
            OffsetDateTime now) {
        return session.createNativeQuery(
                        """
                        insert into secret_versions
                            (project, name, version, state, key_id, sealed, created_at)
                        values (?1, ?2, ?3, 'enabled', ?4, ?5, ?6)\
                        """)
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setParameter(3, version)
                .setParameter(4, sealed.keyId())
                .setParameter(5, sealed.bytes())
                .setParameter(6, now)
                .executeUpdate()
                .replaceWith(
                        () ->
                                new Version(
                                        name,
                                        version,
                                        State.ENABLED,
                                        sealed.keyId(),
                                        now.toInstant()));
    }

    public Uni<Version> set(Caller by, SecretName name, int version, State state) {
        ProjectName project = by.project();
        String forget = state == State.DESTROYED ? ", key_id = null, sealed = null" : "";
        return database.as(by)
                .transaction(
                        session ->
                                locked(session, project, name)
                                        .chain(() -> found(session, project, name, version))
                                        .invoke(
                                                row ->
                                                        checkAlive(
                                                                row, project, name, version, state))
                                        .chain(
                                                () ->
                                                        session.createNativeQuery(
                                                                        "update secret_versions set"
                                                                                + " state = ?4"
                                                                                + forget
                                                                                + " where project ="
                                                                                + " ?1 and name ="
                                                                                + " ?2 and version"
                                                                                + " = ?3")
                                                                .setParameter(1, project.value())
                                                                .setParameter(2, name.value())
                                                                .setParameter(3, version)
                                                                .setParameter(4, state.word())
                                                                .executeUpdate())
                                        .chain(() -> found(session, project, name, version))
                                        .map(row -> version(name, row)));
    }

    private static Uni<Object[]> found(
            Mutiny.Session session, ProjectName project, SecretName name, int version) {
        return session.createNativeQuery(VERSION + "and version = ?3", Object[].class)
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setParameter(3, version)
                .getSingleResultOrNull()
                .onItem()
                .ifNull()
                .failWith(() -> noSuchVersion(name, version));
    }

    private static void checkAlive(
            Object[] row, ProjectName project, SecretName name, int version, State wanted) {
        if (state((String) row[1]) == State.DESTROYED && wanted != State.DESTROYED) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "version-destroyed",
                    place(project, name, version)
                            + " is destroyed, which is for good; add another version");
        }
    }

    public Uni<Void> delete(Caller by, SecretName name) {
        ProjectName project = by.project();
        return database.as(by)
                .transaction(
                        session ->
                                locked(session, project, name)
                                        .chain(() -> users(session, project, name))
                                        .invoke(users -> checkUnused(users, name))
                                        .chain(
                                                () ->
                                                        session.createNativeQuery(
                                                                        "delete from secrets where"
                                                                                + " project = ?1 and"
                                                                                + " name = ?2")
                                                                .setParameter(1, project.value())
                                                                .setParameter(2, name.value())
                                                                .executeUpdate())
                                        .replaceWithVoid());
    }

    private static Uni<List<String>> users(
            Mutiny.Session session, ProjectName project, SecretName name) {
        return session.createNativeQuery(USERS, String.class)
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setMaxResults(1)
                .getResultList();
    }

    private static void checkUnused(List<String> users, SecretName name) {
        if (!users.isEmpty()) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "secret-in-use",
                    users.getFirst()
                            + " asks for secret \""
                            + name
                            + "\"; deploy it without the secret first");
        }
    }

    /** Versions are done one by one, since each may be large. */
    public Uni<Integer> reseal(Caller by) {
        String current = sealing.currentKey();
        return database.read(
                        session ->
                                session.createNativeQuery(
                                                "select project, name, version from"
                                                        + " secret_versions where key_id <> ?1",
                                                Object[].class)
                                        .setParameter(1, current)
                                        .getResultList())
                .chain(
                        others ->
                                Multi.createFrom()
                                        .iterable(others)
                                        .onItem()
                                        .transformToUniAndConcatenate(row -> reseal(by, row))
                                        .collect()
                                        .with(java.util.stream.Collectors.summingInt(n -> n)));
    }

    private Uni<Integer> reseal(Caller by, Object[] row) {
        ProjectName project = new ProjectName((String) row[0]);
        SecretName name = new SecretName((String) row[1]);
        int version = ((Number) row[2]).intValue();
        return database.as(by)
                .transaction(
                        session ->
                                locked(session, project, name)
                                        .chain(() -> sealed(session, project, name, version))
                                        .chain(
                                                there ->
                                                        there.value().isEmpty()
                                                                ? Uni.createFrom().item(0)
                                                                : replace(
                                                                        session,
                                                                        project,
                                                                        name,
                                                                        version,
                                                                        there.value().get())));
    }

    private Uni<Integer> replace(
            Mutiny.Session session,
            ProjectName project,
            SecretName name,
            int version,
            Sealed before) {
        String place = place(project, name, version);
        Sealed now = sealing.seal(place, sealing.open(place, before));
        return session.createNativeQuery(
                        "update secret_versions set key_id = ?4, sealed = ?5"
                                + " where project = ?1 and name = ?2 and version = ?3")
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setParameter(3, version)
                .setParameter(4, now.keyId())
                .setParameter(5, now.bytes())
                .executeUpdate();
    }

    /**
     * A version as it is kept.
     *
     * @param number of the version, when the latest one was asked for
     * @param value empty when it is destroyed
     */
    record Kept(
            ProjectName project,
            SecretName name,
            int number,
            State state,
            Optional<Sealed> value) {}

    /**
     * Reads what instances may be told. NOT_FOUND {@code secret-not-found}.
     *
     * @param version 0 for the latest one
     */
    Uni<Kept> sealed(ProjectName project, SecretName name, int version) {
        return database.read(
                session ->
                        version > 0
                                ? sealed(session, project, name, version)
                                : last(session, project, name, "")
                                        .chain(last -> sealed(session, project, name, last)));
    }

    private static Uni<Kept> sealed(
            Mutiny.Session session, ProjectName project, SecretName name, int version) {
        return session.createNativeQuery(
                        "select state, key_id, sealed from secret_versions"
                                + " where project = ?1 and name = ?2 and version = ?3",
                        Object[].class)
                .setParameter(1, project.value())
                .setParameter(2, name.value())
                .setParameter(3, version)
                .getSingleResultOrNull()
                .onItem()
                .ifNull()
                .failWith(() -> noSuchVersion(name, version))
                .map(
                        row ->
                                new Kept(
                                        project,
                                        name,
                                        version,
                                        state((String) row[0]),
                                        value((String) row[1], (byte[]) row[2])));
    }

    private static Optional<Sealed> value(@Nullable String keyId, byte @Nullable [] bytes) {
        return keyId == null || bytes == null
                ? Optional.empty()
                : Optional.of(new Sealed(keyId, bytes));
    }

    private OffsetDateTime now() {
        Instant now = clock.now().truncatedTo(ChronoUnit.MICROS);
        return now.atOffset(ZoneOffset.UTC);
    }

    static HearthException notFound(SecretName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "secret-not-found",
                "there is no secret \"" + name + "\"; `hearth secrets list` shows those there are");
    }

    private static HearthException noSuchVersion(SecretName name, int version) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "secret-not-found",
                "there is no version "
                        + version
                        + " of a secret \""
                        + name
                        + "\"; `hearth secrets versions "
                        + name
                        + "` shows those there are");
    }
}
