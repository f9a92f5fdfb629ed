package dev.hearth.catalog.store;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort.By;
import dev.hearth.contracts.UsagePort.Line;
import dev.hearth.contracts.UsagePort.Query;
import dev.hearth.contracts.UsagePort.Time;
import dev.hearth.contracts.UsagePort.Used;
import dev.hearth.contracts.UsageRecord;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/** What is billed, in PostgreSQL: the last count of each meter, and the sums of each hour. */
public final class UsageStore {
    /** So that there is a row to lock. */
    private static final String MEET =
            """
            insert into usage_meters
                (meter, sequence, requests, billed_millis, egress_bytes, idle_millis, seen_at)
            values (?1, 0, 0, 0, 0, 0, ?2) on conflict do nothing\
            """;

    /**
     * Takes a record in if it is newer than what its meter is known for, and adds what that grew
     * by; of an attempt at a job's task to its items, too. The meter's row is locked first, so that
     * two readers of one record take turns.
     */
    private static final String TAKE =
            """
            with seen as (
                select requests, billed_millis, egress_bytes, idle_millis
                from usage_meters where meter = ?1 for update
            ), taken as (
                update usage_meters m set
                    sequence = ?2,
                    requests = greatest(m.requests, ?3),
                    billed_millis = greatest(m.billed_millis, ?4),
                    egress_bytes = greatest(m.egress_bytes, ?5),
                    idle_millis = greatest(m.idle_millis, ?6),
                    seen_at = ?7
                from seen where m.meter = ?1 and m.sequence < ?2
                returning m.requests - seen.requests as requests,
                    m.billed_millis - seen.billed_millis as billed_millis,
                    m.egress_bytes - seen.egress_bytes as egress_bytes,
                    m.idle_millis - seen.idle_millis as idle_millis
            ), itemised as (
                insert into usage_tasks as t
                    (meter, hour, project, service, execution, task, attempt, begun_at,
                     ran_millis, status, cpu_millis, memory_bytes, billed_millis)
                select ?1, cast(?11 as timestamptz), cast(?8 as text), cast(?9 as text),
                    cast(?10 as text), cast(?15 as integer) - 1, cast(?16 as integer),
                    cast(?17 as timestamptz), cast(?18 as bigint),
                    nullif(cast(?19 as integer), -1), cast(?12 as integer),
                    cast(?13 as bigint), billed_millis
                from taken where cast(?15 as integer) > 0
                on conflict (meter, hour) do update set
                    ran_millis = excluded.ran_millis,
                    status = excluded.status,
                    billed_millis = t.billed_millis + excluded.billed_millis
            )
            insert into usage_hours as h
                (project, service, revision, hour, cpu_millis, memory_bytes, billing,
                 requests, billed_millis, egress_bytes, idle_millis)
            select cast(?8 as text), cast(?9 as text), cast(?10 as text), cast(?11 as timestamptz),
                cast(?12 as integer), cast(?13 as bigint), cast(?14 as text),
                requests, billed_millis, egress_bytes, idle_millis
            from taken
            on conflict (project, hour, service, revision) do update set
                requests = h.requests + excluded.requests,
                billed_millis = h.billed_millis + excluded.billed_millis,
                egress_bytes = h.egress_bytes + excluded.egress_bytes,
                idle_millis = h.idle_millis + excluded.idle_millis\
            """;

    private static final int NANOS_DIGITS = 6; // of a millisecond

    private final Database database;

    public UsageStore(Database database) {
        this.database = database;
    }

    /** Takes records in, all of them or none. */
    public Uni<Void> take(List<UsageRecord> records) {
        return database.transaction(
                session ->
                        Multi.createFrom()
                                .iterable(records)
                                .onItem()
                                .transformToUniAndConcatenate(record -> take(session, record))
                                .collect()
                                .last()
                                .replaceWithVoid());
    }

    private static Uni<Integer> take(Mutiny.Session session, UsageRecord r) {
        Instant at = Instant.ofEpochMilli(r.atMillis());
        UUID meter = UUID.fromString(r.meter());
        return session.createNativeQuery(MEET)
                .setParameter(1, meter)
                .setParameter(2, at.atOffset(ZoneOffset.UTC))
                .executeUpdate()
                .chain(
                        () ->
                                session.createNativeQuery(TAKE)
                                        .setParameter(1, meter)
                                        .setParameter(2, r.sequence())
                                        .setParameter(3, r.requests())
                                        .setParameter(4, r.billedMillis())
                                        .setParameter(5, r.egressBytes())
                                        .setParameter(6, r.idleMillis())
                                        .setParameter(7, at.atOffset(ZoneOffset.UTC))
                                        .setParameter(8, r.project())
                                        .setParameter(9, r.service())
                                        .setParameter(10, r.revision())
                                        .setParameter(11, hour(at))
                                        .setParameter(12, r.cpuMillis())
                                        .setParameter(13, r.memoryBytes())
                                        .setParameter(14, billing(r).word())
                                        .setParameter(15, r.task())
                                        .setParameter(16, r.attempt())
                                        .setParameter(
                                                17,
                                                Instant.ofEpochMilli(r.begunMillis())
                                                        .atOffset(ZoneOffset.UTC))
                                        .setParameter(18, r.ranMillis())
                                        .setParameter(19, r.status())
                                        .executeUpdate());
    }

    private static Billing billing(UsageRecord r) {
        return r.byInstance() ? Billing.INSTANCE : Billing.REQUEST;
    }

    /** See UsagePort. */
    public Uni<List<Line>> usage(Query query) {
        String revision = query.by() == By.REVISION ? "revision" : "''";
        String begin =
                switch (query.by()) {
                    case HOUR -> "hour";
                    case DAY -> "date_trunc('day', hour, 'UTC')";
                    case SERVICE, REVISION -> "cast(null as timestamptz)";
                };
        return database.transaction(
                session ->
                        session.createNativeQuery(
                                        """
                                        select service, %1$s as r, %2$s as b, billing,
                                            cast(sum(requests) as bigint),
                                            cast(sum(egress_bytes) as bigint),
                                            sum(billed_millis),
                                            sum(billed_millis * cpu_millis),
                                            sum(cast(billed_millis as numeric) * memory_bytes),
                                            sum(idle_millis),
                                            sum(idle_millis * cpu_millis),
                                            sum(cast(idle_millis as numeric) * memory_bytes)
                                        from usage_hours
                                        where project = ?1 and hour >= ?2 and hour < ?3
                                            and (?4 = '' or service = ?4)
                                        group by service, r, b, billing
                                        order by service, r, b, billing\
                                        """
                                                .formatted(revision, begin),
                                        Object[].class)
                                .setParameter(1, query.project().value())
                                .setParameter(2, hour(query.from()))
                                .setParameter(3, query.to().atOffset(ZoneOffset.UTC))
                                .setParameter(4, query.service().map(ServiceName::label).orElse(""))
                                .getResultList()
                                .map(rows -> rows.stream().map(UsageStore::line).toList()));
    }

    private static OffsetDateTime hour(Instant at) {
        return at.truncatedTo(ChronoUnit.HOURS).atOffset(ZoneOffset.UTC);
    }

    private static Line line(Object[] row) {
        return new Line(
                (String) row[0],
                (String) row[1],
                switch (row[2]) {
                    case null -> Optional.empty();
                    case Instant instant -> Optional.of(instant);
                    case OffsetDateTime time -> Optional.of(time.toInstant());
                    default -> throw new IllegalStateException("no time: " + row[2].getClass());
                },
                new Used(
                        Billing.parse((String) row[3]),
                        ((Number) row[4]).longValue(),
                        time(row, 6),
                        time(row, 9),
                        ((Number) row[5]).longValue()));
    }

    /** Three sums of milliseconds, from a column on; PostgreSQL's sum of bigint is a numeric. */
    private static Time time(Object[] row, int from) {
        return Time.of(nanos(row[from]), nanos(row[from + 1]), nanos(row[from + 2]));
    }

    private static BigDecimal nanos(Object millis) {
        return ((BigDecimal) millis).movePointRight(NANOS_DIGITS);
    }
}
