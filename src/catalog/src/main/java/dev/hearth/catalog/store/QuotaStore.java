package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.stream.Collectors;

/** Projects' quotas in PostgreSQL; see {@link dev.hearth.contracts.QuotaPort}. */
public final class QuotaStore {
    private final Database database;

    public QuotaStore(Database database) {
        this.database = database;
    }

    public Uni<Map<ProjectName, Quota>> quotas() {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select services, instances, cpu_millis, memory_bytes, project,"
                                                + " storage_bytes from quotas",
                                        Object[].class)
                                .getResultList()
                                .map(
                                        rows ->
                                                rows.stream()
                                                        .collect(
                                                                Collectors.toMap(
                                                                        QuotaStore::project,
                                                                        QuotaStore::quota))));
    }

    private static ProjectName project(Object[] row) {
        return new ProjectName((String) row[4]);
    }

    private static Quota quota(Object[] row) {
        return new Quota(
                ((Number) row[0]).intValue(),
                ((Number) row[1]).intValue(),
                ((Number) row[2]).longValue(),
                ((Number) row[3]).longValue(),
                ((Number) row[5]).longValue());
    }

    public Uni<Quota> set(Caller by, Quota quota) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery(
                                                """
                                        insert into quotas
                                            (project, services, instances, cpu_millis, memory_bytes,
                                             storage_bytes)
                                        values (?1, ?2, ?3, ?4, ?5, ?6)
                                        on conflict (project) do update set
                                            services = excluded.services,
                                            instances = excluded.instances,
                                            cpu_millis = excluded.cpu_millis,
                                            memory_bytes = excluded.memory_bytes,
                                            storage_bytes = excluded.storage_bytes\
                                        """)
                                        .setParameter(1, by.project().value())
                                        .setParameter(2, quota.services())
                                        .setParameter(3, quota.instances())
                                        .setParameter(4, quota.cpuMillis())
                                        .setParameter(5, quota.memoryBytes())
                                        .setParameter(6, quota.storageBytes())
                                        .executeUpdate()
                                        .replaceWith(quota));
    }
}
