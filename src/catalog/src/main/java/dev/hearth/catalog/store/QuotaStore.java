package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Quota;
import io.smallrye.mutiny.Uni;

/** The project's quota in PostgreSQL; see {@link dev.hearth.contracts.QuotaPort}. */
public final class QuotaStore {
    private final Database database;

    public QuotaStore(Database database) {
        this.database = database;
    }

    public Uni<Quota> quota() {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select services, instances, cpu_millis, memory_bytes"
                                                + " from quotas where project = ?1",
                                        Object[].class)
                                .setParameter(1, ServiceKey.DEFAULT_PROJECT)
                                .getSingleResultOrNull()
                                .map(row -> row == null ? Quota.NONE : quota(row)));
    }

    private static Quota quota(Object[] row) {
        return new Quota(
                ((Number) row[0]).intValue(),
                ((Number) row[1]).intValue(),
                ((Number) row[2]).longValue(),
                ((Number) row[3]).longValue());
    }

    public Uni<Quota> set(Caller by, Quota quota) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery(
                                                "update quotas set services = ?2, instances = ?3,"
                                                        + " cpu_millis = ?4, memory_bytes = ?5"
                                                        + " where project = ?1")
                                        .setParameter(1, ServiceKey.DEFAULT_PROJECT)
                                        .setParameter(2, quota.services())
                                        .setParameter(3, quota.instances())
                                        .setParameter(4, quota.cpuMillis())
                                        .setParameter(5, quota.memoryBytes())
                                        .executeUpdate()
                                        .replaceWith(quota));
    }
}
