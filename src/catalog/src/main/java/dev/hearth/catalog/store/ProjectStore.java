package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.ProjectPort.Project;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** The projects in PostgreSQL; see {@link ProjectPort}. */
public final class ProjectStore {
    /** What a project has that does not go with it. */
    private static final String THINGS =
            """
            select what from (
                select 'services' as what from services where project = ?1
                union select 'jobs' from jobs where project = ?1
                union select 'secrets' from secrets where project = ?1) things
            order by what\
            """;

    private final Database database;

    public ProjectStore(Database database) {
        this.database = database;
    }

    public Uni<List<Project>> projects() {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select name, created_at from projects order by name",
                                        Object[].class)
                                .getResultList()
                                .map(rows -> rows.stream().map(ProjectStore::project).toList()));
    }

    private static Project project(Object[] row) {
        return new Project(new ProjectName((String) row[0]), Columns.instant(row[1]));
    }

    public Uni<Boolean> exists(ProjectName name) {
        return database.read(session -> found(session, name, "").map(there -> !there.isEmpty()));
    }

    private static Uni<List<Object[]>> found(Mutiny.Session session, ProjectName name, String how) {
        return session.createNativeQuery(
                        "select name, created_at from projects where name = ?1" + how,
                        Object[].class)
                .setParameter(1, name.value())
                .getResultList();
    }

    public Uni<Project> create(Caller by, ProjectName name) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery(
                                                "select count(*) from projects", Long.class)
                                        .getSingleResult()
                                        .invoke(ProjectStore::checkMost)
                                        .chain(() -> insert(session, name))
                                        .invoke(made -> checkMade(made, name))
                                        .chain(() -> found(session, name, ""))
                                        .map(rows -> project(rows.getFirst())));
    }

    private static void checkMost(long there) {
        if (there >= ProjectPort.MOST) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-projects",
                    "there are " + there + " projects, which are the most; delete some first");
        }
    }

    private static Uni<Integer> insert(Mutiny.Session session, ProjectName name) {
        return session.createNativeQuery(
                        """
                        insert into projects (name) select ?1
                        where not exists (select 1 from former_projects where name = ?1)
                        on conflict do nothing\
                        """)
                .setParameter(1, name.value())
                .executeUpdate();
    }

    private static void checkMade(int made, ProjectName name) {
        if (made == 0) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "project-exists",
                    "there is, or was, a project \""
                            + name
                            + "\"; names are given once, since bills go by them; choose another");
        }
    }

    public Uni<Void> delete(Caller by, ProjectName name) {
        if (name.isDefault()) {
            return Uni.createFrom()
                    .failure(
                            HearthException.invalid(
                                    "invalid-project", "the default project is always there"));
        }
        return database.as(by)
                .transaction(
                        session ->
                                found(session, name, " for update")
                                        .invoke(there -> checkThere(there, name))
                                        .chain(() -> things(session, name))
                                        .invoke(things -> checkEmpty(things, name))
                                        .chain(() -> remove(session, name)));
    }

    private static void checkThere(List<Object[]> there, ProjectName name) {
        if (there.isEmpty()) {
            throw notFound(name);
        }
    }

    private static Uni<List<String>> things(Mutiny.Session session, ProjectName name) {
        return session.createNativeQuery(THINGS, String.class)
                .setParameter(1, name.value())
                .getResultList();
    }

    private static void checkEmpty(List<String> things, ProjectName name) {
        if (!things.isEmpty()) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "project-not-empty",
                    "project \""
                            + name
                            + "\" has "
                            + String.join(", ", things)
                            + "; delete those first");
        }
    }

    private static Uni<Void> remove(Mutiny.Session session, ProjectName name) {
        return session.createNativeQuery("insert into former_projects values (?1)")
                .setParameter(1, name.value())
                .executeUpdate()
                .chain(
                        () ->
                                session.createNativeQuery("delete from projects where name = ?1")
                                        .setParameter(1, name.value())
                                        .executeUpdate())
                .replaceWithVoid();
    }

    static HearthException notFound(ProjectName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "project-not-found",
                "there is no project \""
                        + name
                        + "\"; `hearth projects list` lists those there are");
    }
}
