package dev.hearth.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

class MigrationsTest {
    /** The newest migration of the release before, V010. */
    private static final int RELEASE_BEFORE = 10;

    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void files_listed_areThoseOfTheDirectory() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration"))) {
            List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();

            assertThat(Migrations.FILES).isEqualTo(names);
        }
    }

    static IntStream earlierVersions() {
        return IntStream.range(1, Migrations.FILES.size());
    }

    /** Two services, one of them with two revisions, as a Hearth of that time left them. */
    @ParameterizedTest
    @MethodSource("earlierVersions")
    void apply_toAnEarlierVersionWithData_keepsItAndFillsInTheRest(int version)
            throws SQLException {
        PGSimpleDataSource database = database("from" + version);
        earlier(database, version);
        fill(database, version);

        assertThat(Migrations.apply(database)).isTrue();

        assertThat(Migrations.apply(database)).isFalse();
        assertThat(rows(database, "select name from services order by name"))
                .containsExactly("hello", "other");
        assertThat(rows(database, "select latest_number from services order by name"))
                .containsExactly("2", "1");
        assertThat(rows(database, "select traffic -> 'targets' -> 0 ->> 'percent' from services"))
                .containsExactly("100", "100");
        assertThat(rows(database, "select name from revisions order by name"))
                .containsExactly("hello-1", "hello-2", "other-1");
        assertThat(
                        rows(
                                database,
                                "select distinct image || container || cpu_limit_millis"
                                        + " || scaling_rules || rate_limit || metadata"
                                        + " from revisions"))
                .containsExactly("oci:/x{\"port\": 8080}1000defaultnone{}");
        assertThat(rows(database, "select distinct invokers || budget from services"))
                .containsExactly("anyonenone");
        assertThat(rows(database, "select distinct generation from services")).containsExactly("1");
        assertThat(rows(database, "select count(distinct uid) from services")).containsExactly("2");
        // what was there before there was a log is not told of
        assertThat(rows(database, "select count(*) from audit"))
                .containsExactly(has(version, "V012__access.sql") ? "5" : "0");
        assertThat(rows(database, "select distinct billing from revisions"))
                .containsExactly("request");
        assertThat(rows(database, "select billing || idle_millis from usage_hours"))
                .isEqualTo(version >= 6 ? List.of("request0") : List.of());
    }

    @Test
    void apply_toNothing_isTheSameAsStepByStep() throws SQLException {
        PGSimpleDataSource atOnce = database("at_once");
        PGSimpleDataSource stepwise = database("stepwise");
        Migrations.apply(atOnce);
        for (int version = 1; version <= Migrations.FILES.size(); version++) {
            earlier(stepwise, version);
        }

        String columns =
                "select table_name || column_name || data_type || is_nullable"
                        + " || coalesce(column_default, '') from information_schema.columns"
                        + " where table_schema = 'public' and table_name not like 'flyway%'"
                        + " order by 1";
        assertThat(rows(stepwise, columns)).isEqualTo(rows(atOnce, columns)).hasSizeGreaterThan(40);
    }

    /**
     * While the processes of a platform are upgraded one after the other, those of the release
     * before write to the new tables: what a migration adds needs a default that stays.
     */
    @Test
    void apply_allOfThem_theReleaseBeforeGoesOnWriting() throws SQLException {
        PGSimpleDataSource database = database("between_releases");
        Migrations.apply(database);

        fill(database, RELEASE_BEFORE);

        assertThat(rows(database, "select name from services order by name"))
                .containsExactly("hello", "other");
    }

    private static PGSimpleDataSource database(String name) throws SQLException {
        execute((PGSimpleDataSource) server.getPostgresDatabase(), "create database " + name);
        return (PGSimpleDataSource) server.getDatabase("postgres", name);
    }

    private static void earlier(PGSimpleDataSource database, int version) {
        Flyway.configure()
                .dataSource(database)
                .resourceProvider(new MigrationFiles(Migrations.FILES.subList(0, version)))
                .javaMigrationClassProvider(List::of)
                .load()
                .migrate();
    }

    private static boolean has(int version, String file) {
        return Migrations.FILES.subList(0, version).contains(file);
    }

    /** What every column that a version demands held then. */
    private static void fill(PGSimpleDataSource database, int version) throws SQLException {
        String service = "name, last_number, created_at, updated_at";
        String its = "'%s', %d, now(), now()";
        service += version < 5 ? ", serving_number" : ", latest_number, traffic";
        its += version < 5 ? ", %d" : ", %d, '{\"targets\": [{\"percent\": 100}]}'";
        if (version >= 7) {
            service += ", invokers";
            its += ", 'anyone'";
        }
        if (version >= 8) {
            service += ", budget";
            its += ", 'none'";
        }
        if (version >= 9) {
            service += ", uid, generation, metadata, min_instances, max_instances";
            its += ", gen_random_uuid(), 1, '{}', 0, 0";
        }
        String revision =
                "name, service, number, image, digest, container, cpu_millis, memory_bytes,"
                        + " concurrency, min_instances, max_instances, idle_millis,"
                        + " timeout_millis, created_at";
        String ofIt =
                "'%s-%d', '%s', %d, 'oci:/x', 'sha256:x', '{\"port\": 8080}', 1000, 1000000,"
                        + " 80, 0, 100, 60000, 300000, now()";
        if (version >= 2) {
            revision += ", egress";
            ofIt += ", 'internet'";
        }
        if (version >= 3) {
            revision += ", session_affinity, rate_limit, client_rate_limit";
            ofIt += ", false, 'none', 'none'";
        }
        if (version >= 4) {
            revision += ", cpu_limit_millis, scaling_rules";
            ofIt += ", 1000, 'default'";
        }
        if (version >= 9) {
            revision += ", metadata";
            ofIt += ", '{}'";
        }
        String hour =
                "project, service, revision, hour, cpu_millis, memory_bytes, requests,"
                        + " billed_millis, egress_bytes";
        String ofThat = "'default', 'hello', 'hello-1', now(), 1000, 1000000, 1, 100, 10";
        if (has(version, "V018__billing.sql")) {
            revision += ", billing";
            ofIt += ", 'request'";
            hour += ", billing, idle_millis";
            ofThat += ", 'request', 0";
        }
        if (version >= 6) {
            execute(database, "insert into usage_hours (" + hour + ") values (" + ofThat + ")");
        }
        String toServices = "insert into services (" + service + ") values (" + its + ")";
        String toRevisions = "insert into revisions (" + revision + ") values (" + ofIt + ")";
        execute(
                database,
                toServices.formatted("hello", 2, 2),
                toServices.formatted("other", 1, 1),
                toRevisions.formatted("hello", 1, "hello", 1),
                toRevisions.formatted("hello", 2, "hello", 2),
                toRevisions.formatted("other", 1, "other", 1));
    }

    private static void execute(PGSimpleDataSource database, String... statements)
            throws SQLException {
        try (Connection c = database.getConnection();
                Statement s = c.createStatement()) {
            if (statements.length > 1) {
                c.setAutoCommit(false); // what refers to each other comes together
            }
            for (String statement : statements) {
                s.execute(statement);
            }
            if (statements.length > 1) {
                c.commit();
            }
        }
    }

    private static List<String> rows(PGSimpleDataSource database, String query)
            throws SQLException {
        try (Connection c = database.getConnection();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(query)) {
            List<String> all = new ArrayList<>();
            while (r.next()) {
                all.add(r.getString(1));
            }
            return all;
        }
    }
}
