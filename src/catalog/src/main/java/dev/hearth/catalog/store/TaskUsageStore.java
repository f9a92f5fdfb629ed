package dev.hearth.catalog.store;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.TaskUsagePort.Attempt;
import dev.hearth.contracts.UsagePort.Query;
import dev.hearth.contracts.UsagePort.Time;
import dev.hearth.contracts.UsagePort.Used;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The items of jobs' bills in PostgreSQL, which {@link UsageStore} writes in the transaction that
 * adds them to the bill.
 */
public final class TaskUsageStore {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final String READ =
            """
            select execution, task, attempt, begun_at,
                max(ran_millis), (array_agg(status order by hour desc))[1],
                cpu_millis, memory_bytes, cast(sum(billed_millis) as bigint)
            from usage_tasks
            where project = ?1 and service = ?2 and hour >= ?3 and hour < ?4
            group by meter, execution, task, attempt, begun_at, cpu_millis, memory_bytes
            order by begun_at, execution, task, attempt\
            """;

    private final Database database;

    public TaskUsageStore(Database database) {
        this.database = database;
    }

    /** See TaskUsagePort. */
    public Uni<List<Attempt>> attempts(Query query) {
        ServiceName job =
                query.service()
                        .orElseThrow(
                                () ->
                                        HearthException.invalid(
                                                "missing-service", "say which job's items"));
        OffsetDateTime from = query.from().truncatedTo(ChronoUnit.HOURS).atOffset(ZoneOffset.UTC);
        return database.read(
                session ->
                        session.createNativeQuery(READ, Object[].class)
                                .setParameter(1, query.project().value())
                                .setParameter(2, job.label())
                                .setParameter(3, from)
                                .setParameter(4, query.to().atOffset(ZoneOffset.UTC))
                                .setMaxResults(TaskUsagePort.MOST + 1)
                                .getResultList()
                                .invoke(rows -> check(rows.size(), job))
                                .map(rows -> rows.stream().map(TaskUsageStore::attempt).toList()));
    }

    private static void check(int rows, ServiceName job) {
        if (rows > TaskUsagePort.MOST) {
            throw HearthException.invalid(
                    "too-many-items",
                    "the bill of "
                            + job
                            + " has more than "
                            + TaskUsagePort.MOST
                            + " items in that time; ask for fewer hours with from and to");
        }
    }

    private static Attempt attempt(Object[] row) {
        long nanos = ((Number) row[8]).longValue() * NANOS_PER_MILLI;
        int cpuMillis = ((Number) row[6]).intValue();
        long memoryBytes = ((Number) row[7]).longValue();
        return new Attempt(
                (String) row[0],
                ((Number) row[1]).intValue(),
                ((Number) row[2]).intValue(),
                row[3] instanceof OffsetDateTime time ? time.toInstant() : (Instant) row[3],
                ((Number) row[4]).longValue(),
                row[5] instanceof Number status ? Optional.of(status.intValue()) : Optional.empty(),
                new Used(
                        Billing.INSTANCE,
                        0,
                        nanos == 0 ? Time.NONE : Time.of(nanos, cpuMillis, memoryBytes),
                        Time.NONE,
                        0));
    }

    /** Forgets the items of earlier hours, which stay on the bill; gives how many that were. */
    public Uni<Integer> forget(Instant before) {
        return database.transaction(
                session ->
                        session.createNativeQuery("delete from usage_tasks where hour < ?1")
                                .setParameter(1, before.atOffset(ZoneOffset.UTC))
                                .executeUpdate());
    }
}
