package dev.hearth.catalog.store;

import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobQueuePort.Outcome;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * What is to be run, in PostgreSQL; see JobQueuePort. Every change is one statement on condition of
 * what it changes, or under the row's lock.
 */
public final class JobQueueStore {
    /** Executions that one gateway takes at a time. */
    private static final int MOST_TAKEN = 100;

    /** Jobs whose time has come that are looked at together. */
    private static final int MOST_DUE = 100;

    private static final String IS_MINE =
            """
             and exists (select 1 from ExecutionRow e where e.name = ?1 and e.owner = ?2
                and e.completedAt is null)\
            """;

    /** The attempt that was seen is still the one that runs. */
    private static final String IS_THAT_ATTEMPT =
            " where t.key.execution = ?1 and t.key.number = ?3 and t.attempt = ?4";

    private final Database database;

    public JobQueueStore(Database database) {
        this.database = database;
    }

    public Uni<List<Job>> due(Instant now) {
        return database.read(
                session ->
                        session.createQuery(
                                        "from JobRow where nextRun <= ?1 order by nextRun",
                                        JobRow.class)
                                .setParameter(1, now)
                                .setMaxResults(MOST_DUE)
                                .getResultList()
                                .chain(rows -> JobStore.views(session, rows)));
    }

    /**
     * See JobQueuePort.
     *
     * @param name of the execution
     */
    public Uni<Optional<Execution>> trigger(
            JobName job, ExecutionName name, Instant due, Optional<Instant> next, Instant now) {
        return database.transaction(
                session ->
                        JobStore.locked(session, job)
                                .chain(
                                        row -> {
                                            if (row == null || !due.equals(row.nextRun)) {
                                                return nothing();
                                            }
                                            row.nextRun = next.orElse(null);
                                            return begin(session, row, name, due, now);
                                        }));
    }

    private static Uni<Optional<Execution>> nothing() {
        return Uni.createFrom().item(Optional.empty());
    }

    private static Uni<Optional<Execution>> begin(
            Mutiny.Session session, JobRow row, ExecutionName name, Instant due, Instant now) {
        return JobStore.running(session, row.key.job())
                .chain(
                        running ->
                                running >= JobStore.MOST_RUNNING
                                        ? nothing()
                                        : JobStore.begin(
                                                        session,
                                                        row,
                                                        name,
                                                        row.template.value(),
                                                        now,
                                                        Optional.of(due))
                                                .map(Optional::of));
    }

    public Uni<List<Execution>> hold(String owner, Duration lease) {
        return database.transaction(
                session ->
                        renew(session, owner, lease)
                                .chain(() -> take(session, owner, lease))
                                .chain(
                                        () ->
                                                session.createQuery(
                                                                "from ExecutionRow where owner = ?1"
                                                                        + " and completedAt is null"
                                                                        + " order by createdAt, name",
                                                                ExecutionRow.class)
                                                        .setParameter(1, owner)
                                                        .getResultList())
                                .chain(rows -> JobStore.executionViews(session, rows)));
    }

    private static Uni<Integer> renew(Mutiny.Session session, String owner, Duration lease) {
        return session.createNativeQuery(
                        """
                        update executions set owned_until = now() + cast(?2 as bigint) * interval '1 millisecond'
                        where owner = ?1 and completed_at is null\
                        """)
                .setParameter(1, owner)
                .setParameter(2, lease.toMillis())
                .executeUpdate();
    }

    /** Those that another gateway is about to take are passed over. */
    private static Uni<Integer> take(Mutiny.Session session, String owner, Duration lease) {
        return session.createNativeQuery(
                        """
                        update executions
                        set owner = ?1, owned_until = now() + cast(?2 as bigint) * interval '1 millisecond'
                        where name in (
                            select name from executions
                            where completed_at is null and owner <> ?1
                                and (owner = '' or owned_until < now())
                            order by created_at limit cast(?3 as integer) for update skip locked)\
                        """)
                .setParameter(1, owner)
                .setParameter(2, lease.toMillis())
                .setParameter(3, MOST_TAKEN)
                .executeUpdate();
    }

    public Uni<Void> release(String owner) {
        return database.transaction(
                session ->
                        session.createNativeQuery(
                                        "update executions set owner = '' where owner = ?1")
                                .setParameter(1, owner)
                                .executeUpdate()
                                .replaceWithVoid());
    }

    public Uni<List<Task>> unfinished(ExecutionName execution, int mostWaiting) {
        return database.read(
                session ->
                        in(session, execution, "running", TaskTemplate.MOST_TASKS)
                                .chain(
                                        running ->
                                                in(session, execution, "waiting", mostWaiting)
                                                        .map(
                                                                waiting ->
                                                                        ordered(
                                                                                running,
                                                                                waiting))));
    }

    private static Uni<List<TaskRow>> in(
            Mutiny.Session session, ExecutionName execution, String state, int most) {
        return session.createQuery(
                        "from TaskRow where key.execution = ?1 and state = ?2"
                                + " order by notBefore asc nulls first, key.number",
                        TaskRow.class)
                .setParameter(1, execution.value())
                .setParameter(2, state)
                .setMaxResults(most)
                .getResultList();
    }

    private static List<Task> ordered(List<TaskRow> some, List<TaskRow> others) {
        return Stream.concat(some.stream(), others.stream())
                .map(TaskRow::view)
                .sorted(Comparator.comparingInt(Task::index))
                .toList();
    }

    public Uni<Boolean> claim(String owner, Task task, String node, Instant at) {
        return database.transaction(
                session ->
                        of(
                                        session,
                                        owner,
                                        task,
                                        "update TaskRow t set t.state = 'running', t.node = ?5,"
                                                + " t.startedAt = ?6, t.message = ''"
                                                + IS_THAT_ATTEMPT
                                                + " and t.state = 'waiting'"
                                                + IS_MINE
                                                + " and exists (select 1 from ExecutionRow r where"
                                                + " r.name = ?1 and r.state = 'running')")
                                .setParameter(5, node)
                                .setParameter(6, at)
                                .executeUpdate()
                                .map(changed -> changed == 1));
    }

    private static Mutiny.MutationQuery of(
            Mutiny.Session session, String owner, Task task, String statement) {
        return session.createMutationQuery(statement)
                .setParameter(1, task.execution().value())
                .setParameter(2, owner)
                .setParameter(3, task.index())
                .setParameter(4, task.attempt());
    }

    public Uni<Void> unclaim(String owner, Task task, String why) {
        return database.transaction(
                session ->
                        of(
                                        session,
                                        owner,
                                        task,
                                        "update TaskRow t set t.state = 'waiting', t.node = '',"
                                                + " t.startedAt = null, t.message = ?5"
                                                + IS_THAT_ATTEMPT
                                                + " and t.state = 'running'"
                                                + IS_MINE)
                                .setParameter(5, why)
                                .executeUpdate()
                                .replaceWithVoid());
    }

    public Uni<Void> explain(String owner, ExecutionName execution, String why) {
        return database.transaction(
                session ->
                        session.createMutationQuery(
                                        "update ExecutionRow e set e.message = ?3 where e.name = ?1"
                                                + " and e.owner = ?2 and e.completedAt is null")
                                .setParameter(1, execution.value())
                                .setParameter(2, owner)
                                .setParameter(3, why)
                                .executeUpdate()
                                .replaceWithVoid());
    }

    public Uni<Void> begun(String owner, Task task, InstanceId instance, Instant at) {
        return database.transaction(
                session ->
                        of(
                                        session,
                                        owner,
                                        task,
                                        "update TaskRow t set t.instance = ?5, t.startedAt = ?6"
                                                + IS_THAT_ATTEMPT
                                                + " and t.state = 'running'"
                                                + IS_MINE)
                                .setParameter(5, instance.value())
                                .setParameter(6, at)
                                .executeUpdate()
                                .chain(() -> began(session, task.execution(), at)));
    }

    private static Uni<Void> began(Mutiny.Session session, ExecutionName execution, Instant at) {
        return session.createMutationQuery(
                        "update ExecutionRow e set e.startedAt = ?2 where e.name = ?1"
                                + " and e.startedAt is null")
                .setParameter(1, execution.value())
                .setParameter(2, at)
                .executeUpdate()
                .replaceWithVoid();
    }

    public Uni<Boolean> ended(String owner, Task task, Outcome outcome) {
        boolean again = outcome.state() == Task.State.WAITING;
        String what =
                again
                        ? "t.attempt = t.attempt + 1, t.node = '', t.startedAt = null,"
                                + " t.notBefore = ?8"
                        : "t.completedAt = ?8";
        return database.transaction(
                session -> {
                    Mutiny.MutationQuery query =
                            of(
                                            session,
                                            owner,
                                            task,
                                            "update TaskRow t set t.state = ?5, t.message = ?6,"
                                                    + " t.exitCode = ?7, "
                                                    + what
                                                    + IS_THAT_ATTEMPT
                                                    + " and t.state in ('waiting', 'running')"
                                                    + IS_MINE)
                                    .setParameter(5, outcome.state().word())
                                    .setParameter(6, outcome.message())
                                    .setParameter(7, outcome.exitCode().orElse(null));
                    return query.setParameter(
                                    8, again ? outcome.notBefore().orElse(null) : outcome.at())
                            .executeUpdate()
                            .map(changed -> changed == 1);
                });
    }

    public Uni<Void> cancelWaiting(String owner, ExecutionName execution, Instant at) {
        return database.transaction(
                session ->
                        session.createMutationQuery(
                                        "update TaskRow t set t.state = 'cancelled',"
                                                + " t.completedAt = ?3, t.message = 'cancelled'"
                                                + " where t.key.execution = ?1"
                                                + " and t.state = 'waiting'"
                                                + IS_MINE)
                                .setParameter(1, execution.value())
                                .setParameter(2, owner)
                                .setParameter(3, at)
                                .executeUpdate()
                                .replaceWithVoid());
    }

    public Uni<Void> finish(String owner, ExecutionName execution, Instant at) {
        return database.transaction(
                session ->
                        session.createNativeQuery(
                                        """
                                        with sums as (
                                            select count(*) as tasks,
                                                count(*) filter (where state in ('waiting', 'running')) as open,
                                                count(*) filter (where state = 'succeeded') as succeeded,
                                                count(*) filter (where state = 'failed') as failed,
                                                count(*) filter (where state = 'cancelled') as cancelled,
                                                count(*) filter (where attempt > 0) as retried
                                            from tasks where execution = ?1)
                                        update executions e set
                                            succeeded = s.succeeded, failed = s.failed,
                                            cancelled = s.cancelled, retried = s.retried,
                                            state = case when s.cancelled > 0 then 'cancelled'
                                                when s.failed > 0 then 'failed' else 'succeeded' end,
                                            message = case when s.failed = 0 then '' else
                                                s.failed || ' of ' || s.tasks || ' tasks failed; task '
                                                || (select t.index || ' ' || t.message from tasks t
                                                    where t.execution = ?1 and t.state = 'failed'
                                                    order by t.index limit 1) end,
                                            completed_at = ?3, owner = ''
                                        from sums s
                                        where e.name = ?1 and e.owner = ?2 and e.completed_at is null
                                            and s.open = 0\
                                        """)
                                .setParameter(1, execution.value())
                                .setParameter(2, owner)
                                .setParameter(3, at.atOffset(ZoneOffset.UTC))
                                .executeUpdate()
                                .replaceWithVoid());
    }

    public Uni<Set<RevisionName>> wanted(Collection<RevisionName> attempts) {
        return database.read(
                session ->
                        session.createQuery("from TaskRow where state = 'running'", TaskRow.class)
                                .getResultList()
                                .map(
                                        rows ->
                                                rows.stream()
                                                        .map(row -> row.view().attemptName())
                                                        .filter(attempts::contains)
                                                        .collect(Collectors.toSet())));
    }
}
