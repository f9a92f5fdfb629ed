package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Jobs and their executions in PostgreSQL, for whoever asks for them. */
public final class JobStore {
    /** A guard against a script gone wild. */
    public static final int MOST_JOBS = 1_000;

    /** Executions of one job that are not over. */
    public static final int MOST_RUNNING = 10;

    /** Executions of one job that are kept when they are over. */
    public static final int KEPT_EXECUTIONS = 100;

    private final Database database;

    /** Whose jobs are listed; empty for those of all projects. */
    private final String project;

    public JobStore(Database database) {
        this(database, "");
    }

    private JobStore(Database database, String project) {
        this.database = database;
        this.project = project;
    }

    /**
     * The same, for somebody: the audit log has their name, and the list is of their project. Names
     * are not looked at.
     */
    public JobStore as(Caller caller) {
        return new JobStore(database.as(caller), caller.project().value());
    }

    /** Stores a job; EXHAUSTED {@code too-many-jobs}, or what its condition says. */
    public Uni<Job> store(JobRequest wanted, TaskTemplate found, Instant at) {
        return database.transaction(
                session ->
                        locked(session, wanted.name())
                                .invoke(row -> check(wanted.condition(), wanted.name(), row))
                                .chain(
                                        row ->
                                                row == null
                                                        ? first(session, wanted.name(), at)
                                                        : Uni.createFrom().item(row))
                                .invoke(row -> row.change(wanted, found, at))
                                .chain(row -> session.persist(row).replaceWith(row))
                                .call(session::flush)
                                .chain(row -> view(session, row)));
    }

    /** Throws what a store with this condition would. */
    public Uni<Void> check(JobName name, JobCondition condition) {
        return database.read(
                session ->
                        session.find(JobRow.class, ServiceKey.of(name))
                                .invoke(row -> check(condition, name, row))
                                .replaceWithVoid());
    }

    private static void check(JobCondition condition, JobName name, @Nullable JobRow row) {
        condition.check(name, Optional.ofNullable(row).map(JobRow::version));
    }

    private static Uni<JobRow> first(Mutiny.Session session, JobName name, Instant at) {
        return session.createQuery("select count(*) from JobRow", Long.class)
                .getSingleResult()
                .map(
                        count -> {
                            if (count >= MOST_JOBS) {
                                throw new HearthException(
                                        ErrorKind.EXHAUSTED,
                                        "too-many-jobs",
                                        "job \""
                                                + name
                                                + "\" would be one more than the "
                                                + MOST_JOBS
                                                + " that are the most; delete some first");
                            }
                            return new JobRow(ServiceKey.of(name), at);
                        });
    }

    /** All jobs, newest first. */
    public Uni<List<Job>> jobs() {
        return database.read(
                session ->
                        session.createQuery(
                                        "from JobRow where ?1 = '' or key.project = ?1"
                                                + " order by createdAt desc, key.name",
                                        JobRow.class)
                                .setParameter(1, project)
                                .getResultList()
                                .chain(rows -> views(session, rows)));
    }

    /** NOT_FOUND {@code job-not-found}. */
    public Uni<Job> job(JobName name) {
        return database.read(session -> found(session, name).chain(row -> view(session, row)));
    }

    private static Uni<JobRow> found(Mutiny.Session session, JobName name) {
        return session.find(JobRow.class, ServiceKey.of(name))
                .onItem()
                .ifNull()
                .failWith(() -> notFound(name));
    }

    /** Removes a job with its executions; NOT_FOUND, or what the condition says. */
    public Uni<Void> delete(JobName name, JobCondition condition) {
        return database.transaction(
                session ->
                        locked(session, name)
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(name))
                                .invoke(row -> check(condition, name, row))
                                .chain(session::remove));
    }

    /**
     * Begins an execution. NOT_FOUND, EXHAUSTED {@code too-many-executions}, or what the condition
     * or {@code overrides} say.
     */
    public Uni<Execution> run(
            JobName job,
            ExecutionName name,
            UnaryOperator<TaskTemplate> overrides,
            JobCondition condition,
            Instant at) {
        return database.transaction(
                session ->
                        locked(session, job)
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(job))
                                .invoke(row -> check(condition, job, row))
                                .call(() -> running(session, job).invoke(n -> requireRoom(job, n)))
                                .chain(
                                        row ->
                                                begin(
                                                        session,
                                                        row,
                                                        name,
                                                        overrides.apply(row.template.value()),
                                                        at,
                                                        Optional.empty())));
    }

    private static void requireRoom(JobName job, long running) {
        if (running >= MOST_RUNNING) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-executions",
                    "job \""
                            + job
                            + "\" has "
                            + running
                            + " executions that are not over, which is the most; wait for one, or"
                            + " cancel it with `hearth jobs cancel`");
        }
    }

    static Uni<Long> running(Mutiny.Session session, JobName job) {
        return session.createQuery(
                        "select count(*) from ExecutionRow where project = ?1 and job = ?2"
                                + " and completedAt is null",
                        Long.class)
                .setParameter(1, job.project().value())
                .setParameter(2, job.label())
                .getSingleResult();
    }

    /** Stores an execution with its tasks, and forgets the oldest that are over. */
    static Uni<Execution> begin(
            Mutiny.Session session,
            JobRow job,
            ExecutionName name,
            TaskTemplate template,
            Instant at,
            Optional<Instant> scheduledFor) {
        ExecutionRow row = new ExecutionRow(name, job.key.job(), template, at, scheduledFor);
        return session.persist(row)
                .chain(session::flush)
                .chain(
                        () ->
                                session.createNativeQuery(
                                                """
                                                insert into tasks (execution, index, state, attempt, node, instance, message)
                                                select cast(?1 as text), i, 'waiting', 0, '', '', ''
                                                from generate_series(0, cast(?2 as integer) - 1) i\
                                                """)
                                        .setParameter(1, name.value())
                                        .setParameter(2, template.tasks())
                                        .executeUpdate())
                .chain(() -> prune(session, job))
                .map(
                        pruned ->
                                row.view(
                                        Optional.of(
                                                new Execution.Counts(
                                                        template.tasks(), 0, 0, 0, 0, 0))));
    }

    /** What goes for its age is not the caller's to be told of. */
    private static Uni<Integer> prune(Mutiny.Session session, JobRow job) {
        return session.createNativeQuery(
                        """
                        with nobody as (select set_config('hearth.caller', '', true))
                        delete from executions where exists (select 1 from nobody) and name in (
                            select name from executions
                            where project = ?1 and job = ?2 and completed_at is not null
                            order by created_at desc, name offset cast(?3 as integer))\
                        """)
                .setParameter(1, job.key.project())
                .setParameter(2, job.key.name())
                .setParameter(3, KEPT_EXECUTIONS)
                .executeUpdate();
    }

    /** Of a job, newest first; NOT_FOUND. */
    public Uni<List<Execution>> executions(JobName job) {
        return database.read(
                session ->
                        found(session, job)
                                .chain(
                                        row ->
                                                session.createQuery(
                                                                "from ExecutionRow where project = ?1"
                                                                        + " and job = ?2 order by"
                                                                        + " createdAt desc, name",
                                                                ExecutionRow.class)
                                                        .setParameter(1, row.key.project())
                                                        .setParameter(2, row.key.name())
                                                        .getResultList())
                                .chain(rows -> executionViews(session, rows)));
    }

    /** NOT_FOUND {@code execution-not-found}. */
    public Uni<Execution> execution(ExecutionName name) {
        return database.read(
                session ->
                        session.find(ExecutionRow.class, name.value())
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(name))
                                .chain(row -> executionViews(session, List.of(row)))
                                .map(List::getFirst));
    }

    /** From now on it is to end, unless it is over. */
    public Uni<Execution> cancel(ExecutionName name) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(
                                        row -> {
                                            if (!row.isOver()) {
                                                row.state = Execution.State.CANCELLING.word();
                                            }
                                        })
                                .call(session::flush)
                                .chain(row -> executionViews(session, List.of(row)))
                                .map(List::getFirst));
    }

    /** Forgets one that is over. FAILED_PRECONDITION {@code execution-running}. */
    public Uni<Void> delete(ExecutionName name) {
        return database.transaction(
                session ->
                        lockedOrFail(session, name)
                                .invoke(
                                        row -> {
                                            if (!row.isOver()) {
                                                throw stillRuns(name);
                                            }
                                        })
                                .chain(session::remove));
    }

    private static HearthException stillRuns(ExecutionName name) {
        return new HearthException(
                ErrorKind.FAILED_PRECONDITION,
                "execution-running",
                "execution " + name + " is not over; cancel it first, with `hearth jobs cancel`");
    }

    private static Uni<ExecutionRow> lockedOrFail(Mutiny.Session session, ExecutionName name) {
        return session.find(ExecutionRow.class, name.value(), LockModeType.PESSIMISTIC_WRITE)
                .onItem()
                .ifNull()
                .failWith(() -> notFound(name));
    }

    /** An execution's tasks in order; NOT_FOUND. */
    public Uni<List<Task>> tasks(ExecutionName name, int from, int most) {
        return database.read(
                session ->
                        session.find(ExecutionRow.class, name.value())
                                .onItem()
                                .ifNull()
                                .failWith(() -> notFound(name))
                                .chain(
                                        row ->
                                                session.createQuery(
                                                                "from TaskRow where key.execution = ?1"
                                                                        + " and key.number >= ?2"
                                                                        + " order by key.number",
                                                                TaskRow.class)
                                                        .setParameter(1, name.value())
                                                        .setParameter(2, from)
                                                        .setMaxResults(most)
                                                        .getResultList())
                                .map(rows -> rows.stream().map(TaskRow::view).toList()));
    }

    // ---- views

    private static Uni<Job> view(Mutiny.Session session, JobRow row) {
        return views(session, List.of(row)).map(List::getFirst);
    }

    static Uni<List<Job>> views(Mutiny.Session session, List<JobRow> rows) {
        List<String> names = rows.stream().map(r -> r.key.name()).distinct().toList();
        return latest(session, names)
                .chain(
                        latest ->
                                kept(session, names)
                                        .map(
                                                counts ->
                                                        rows.stream()
                                                                .map(
                                                                        row ->
                                                                                view(
                                                                                        row, latest,
                                                                                        counts))
                                                                .toList()));
    }

    /** Of jobs of these names, of whichever projects. */
    private static Uni<Map<JobName, Execution>> latest(Mutiny.Session session, List<String> jobs) {
        return session.createQuery(
                        """
                        from ExecutionRow e where e.job in ?1
                        and e.createdAt = (select max(n.createdAt) from ExecutionRow n
                            where n.project = e.project and n.job = e.job)
                        order by e.name\
                        """,
                        ExecutionRow.class)
                .setParameter(1, jobs.isEmpty() ? List.of("") : jobs)
                .getResultList()
                .chain(rows -> executionViews(session, rows))
                .map(
                        all -> {
                            Map<JobName, Execution> byJob = new HashMap<>();
                            all.forEach(e -> byJob.put(e.job(), e));
                            return byJob;
                        });
    }

    private static Uni<Map<ServiceKey, Long>> kept(Mutiny.Session session, List<String> jobs) {
        return session.createQuery(
                        "select project, job, count(*) from ExecutionRow where job in ?1"
                                + " group by project, job",
                        Object[].class)
                .setParameter(1, jobs.isEmpty() ? List.of("") : jobs)
                .getResultList()
                .map(
                        rows -> {
                            Map<ServiceKey, Long> counts = new HashMap<>();
                            rows.forEach(
                                    r ->
                                            counts.put(
                                                    new ServiceKey((String) r[0], (String) r[1]),
                                                    (Long) r[2]));
                            return counts;
                        });
    }

    private static Job view(
            JobRow row, Map<JobName, Execution> latest, Map<ServiceKey, Long> executions) {
        return new Job(
                row.key.job(),
                row.version(),
                row.metadata.value(),
                row.template.value(),
                row.schedule(),
                Optional.ofNullable(row.nextRun),
                executions.getOrDefault(row.key, 0L).intValue(),
                Optional.ofNullable(latest.get(row.key.job())),
                row.createdAt,
                row.updatedAt);
    }

    /** Counts the tasks of those that are not over. */
    static Uni<List<Execution>> executionViews(Mutiny.Session session, List<ExecutionRow> rows) {
        List<String> running = rows.stream().filter(r -> !r.isOver()).map(r -> r.name).toList();
        if (running.isEmpty()) {
            return Uni.createFrom().item(rows.stream().map(r -> r.view(Optional.empty())).toList());
        }
        return session.createQuery(
                        """
                        select key.execution, state, count(*),
                            sum(case when attempt > 0 then 1 else 0 end)
                        from TaskRow where key.execution in ?1 group by key.execution, state\
                        """,
                        Object[].class)
                .setParameter(1, running)
                .getResultList()
                .map(
                        counts ->
                                rows.stream()
                                        .map(
                                                r ->
                                                        r.view(
                                                                r.isOver()
                                                                        ? Optional.empty()
                                                                        : Optional.of(
                                                                                counts(
                                                                                        r.name,
                                                                                        counts))))
                                        .toList());
    }

    private static Execution.Counts counts(String execution, List<Object[]> all) {
        Map<String, Integer> byState = new HashMap<>();
        int retried = 0;
        for (Object[] row : all) {
            if (row[0].equals(execution)) {
                byState.put((String) row[1], ((Number) row[2]).intValue());
                retried += ((Number) row[3]).intValue();
            }
        }
        return new Execution.Counts(
                byState.getOrDefault("waiting", 0),
                byState.getOrDefault("running", 0),
                byState.getOrDefault("succeeded", 0),
                byState.getOrDefault("failed", 0),
                byState.getOrDefault("cancelled", 0),
                retried);
    }

    static Uni<JobRow> locked(Mutiny.Session session, JobName name) {
        return session.find(JobRow.class, ServiceKey.of(name), LockModeType.PESSIMISTIC_WRITE);
    }

    private static HearthException notFound(JobName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "job-not-found",
                "there is no job \"" + name + "\"; `hearth jobs list` lists those there are");
    }

    private static HearthException notFound(ExecutionName name) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "execution-not-found",
                "there is no execution \""
                        + name
                        + "\"; `hearth jobs executions JOB` lists those that are kept");
    }
}
