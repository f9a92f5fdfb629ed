package dev.hearth.catalog.store;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The schema's versions, applied by Flyway over one short-lived JDBC connection.
 *
 * <p>The files are named here rather than searched for on the class path, which would cost start-up
 * time; a test keeps the list equal to the directory.
 */
public final class Migrations {
    static final List<String> FILES =
            List.of(
                    "V001__services_and_revisions.sql",
                    "V002__egress.sql",
                    "V003__request_policy.sql",
                    "V004__scaling.sql",
                    "V005__traffic.sql",
                    "V006__usage.sql",
                    "V007__invokers.sql",
                    "V008__budgets.sql",
                    "V009__metadata.sql",
                    "V010__changes.sql",
                    "V012__access.sql",
                    "V018__billing.sql",
                    "V019__project_budgets.sql",
                    "V020__secrets.sql",
                    "V021__quotas.sql",
                    "V022__rollouts.sql",
                    "V023__domains.sql",
                    "V024__jobs.sql",
                    "V027__task_back_off.sql",
                    "V028__task_usage.sql",
                    "V029__projects.sql",
                    "V030__storage_quota.sql");

    private Migrations() {}

    /**
     * Brings the schema to the newest version, and is true if that changed anything; blocks. Throws
     * INTERNAL {@code database-migration-failed} with Flyway's reason, leaving the schema as it
     * was.
     */
    public static boolean apply(PGSimpleDataSource database) {
        try {
            return Flyway.configure(Migrations.class.getClassLoader())
                            .dataSource(database)
                            .resourceProvider(new MigrationFiles(FILES))
                            .javaMigrationClassProvider(List::of)
                            .load()
                            .migrate()
                            .migrationsExecuted
                    > 0;
        } catch (FlywayException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "database-migration-failed",
                    "bringing the catalog's database up to date failed ("
                            + e.getMessage()
                            + "); it is as it was before; if another Hearth version made it, start"
                            + " that one",
                    e);
        }
    }
}
