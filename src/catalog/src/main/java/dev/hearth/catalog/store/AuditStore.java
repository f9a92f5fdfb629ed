package dev.hearth.catalog.store;

import dev.hearth.contracts.AuditPort.Entry;
import dev.hearth.contracts.AuditPort.Page;
import dev.hearth.contracts.AuditPort.Query;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The audit log in PostgreSQL. Changes of rows are written by triggers, see the migration V012;
 * this reads it, writes what is no change of a row, and forgets what is old.
 */
public final class AuditStore {
    private static final String PAGE =
            """
            select id, at, project, who, action, kind, name, cast(before as text), cast(after as text)
            from audit
            where (?1 = '' or who = ?1) and (?2 = '' or kind = ?2) and (?3 = '' or name = ?3) and id < ?4
                and (?5 = '' or project = ?5)
            order by id desc\
            """;

    /** Numbers are given out without a gap, nearly. */
    private static final String FORGET =
            "delete from audit where at < ?1 or id <= (select max(id) from audit) - ?2";

    private final Database database;

    public AuditStore(Database database) {
        this.database = database;
    }

    /** See AuditPort. */
    public Uni<Page> entries(Query query) {
        return database.read(
                session ->
                        session.createNativeQuery(PAGE, Object[].class)
                                .setParameter(1, query.who())
                                .setParameter(2, query.kind())
                                .setParameter(3, query.name())
                                .setParameter(4, query.before().orElse(Long.MAX_VALUE))
                                .setParameter(5, query.project().map(ProjectName::value).orElse(""))
                                .setMaxResults(query.most() + 1) // one tells whether there is more
                                .getResultList()
                                .map(rows -> page(rows, query.most())));
    }

    private static Page page(List<Object[]> rows, int most) {
        List<Entry> shown = rows.stream().limit(most).map(AuditStore::entry).toList();
        return new Page(
                shown,
                rows.size() > most ? OptionalLong.of(shown.getLast().id()) : OptionalLong.empty());
    }

    private static Entry entry(Object[] row) {
        return new Entry(
                ((Number) row[0]).longValue(),
                Columns.instant(row[1]),
                (String) row[2],
                (String) row[3],
                (String) row[4],
                (String) row[5],
                (String) row[6],
                text(row[7]),
                text(row[8]));
    }

    private static Optional<String> text(@Nullable Object column) {
        return Optional.ofNullable((String) column);
    }

    /** See AuditPort. */
    public Uni<Void> note(Caller by, String action, String kind, String name) {
        return database.transaction(
                session ->
                        session.createNativeQuery(
                                        "insert into audit (project, who, action, kind, name)"
                                                + " values (?1, ?2, ?3, ?4, ?5)")
                                .setParameter(1, by.project().value())
                                .setParameter(2, by.name())
                                .setParameter(3, action)
                                .setParameter(4, kind)
                                .setParameter(5, name)
                                .executeUpdate()
                                .replaceWithVoid());
    }

    /**
     * Forgets what is older, or not among the newest; gives how many entries that were.
     *
     * @param most that are kept
     */
    public Uni<Integer> forget(Instant before, long most) {
        return database.transaction(
                session ->
                        session.createNativeQuery(FORGET)
                                .setParameter(1, before.atOffset(ZoneOffset.UTC))
                                .setParameter(2, most)
                                .executeUpdate());
    }
}
