package dev.hearth.catalog.store;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Revisions that nobody has needed for long, in PostgreSQL. What is beyond a number of them goes
 * when another is deployed, see {@link CatalogStore#KEPT_REVISIONS}; this is for the others.
 */
public final class OldRevisions {
    /** The newest ones of a service, which are never too old: there has to be a way back. */
    public static final int KEPT_ANYHOW = 5;

    /** At a time; the others are next. */
    private static final int MOST = 1000;

    /**
     * The service is locked, so that what goes cannot get requests or a tag meanwhile; one that
     * somebody is changing is left for the next time.
     */
    private static final String FORGET =
            """
            with old as (
                select r.name from revisions r
                join services s on s.project = r.project and s.name = r.service
                where r.created_at < ?1
                    and r.number <> s.latest_number
                    and (select count(*) from revisions newer
                        where newer.project = r.project and newer.service = r.service
                            and newer.number > r.number) >= ?2
                    and not exists (select 1
                        from jsonb_array_elements(s.traffic -> 'targets') target
                        where target ->> 'revision' = r.name)
                    and (s.rollout is null or s.rollout ->> 'phase' <> 'RUNNING'
                        or position('"' || r.name || '"' in cast(s.rollout as text)) = 0)
                order by r.created_at
                limit ?3
                for update of s skip locked)
            delete from revisions where name in (select name from old)\
            """;

    private final Database database;

    public OldRevisions(Database database) {
        this.database = database;
    }

    /**
     * Forgets revisions that are older and neither serve, nor have a tag, nor take part in a
     * rollout that goes on, nor are their service's latest or among its {@link #KEPT_ANYHOW}
     * newest; gives how many that were.
     */
    public Uni<Integer> forget(Instant before) {
        return database.transaction(
                session ->
                        session.createNativeQuery(FORGET)
                                .setParameter(1, before.atOffset(ZoneOffset.UTC))
                                .setParameter(2, KEPT_ANYHOW)
                                .setParameter(3, MOST)
                                .executeUpdate());
    }
}
