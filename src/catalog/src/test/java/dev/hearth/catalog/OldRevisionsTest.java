package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.OldRevisions;
import dev.hearth.contracts.Room;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is forgotten of services that are not deployed any more, in a real PostgreSQL. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class OldRevisionsTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final Duration AGE = Duration.ofDays(30);

    @Inject Mutiny.SessionFactory sessions;
    @Inject Vertx vertx;
    @Inject Room room;

    @BeforeEach
    void startEmpty() throws SQLException {
        room.start();
        sql("delete from services");
    }

    @AfterEach
    void leaveNothing() throws SQLException {
        sql("delete from services");
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            c.setAutoCommit(false); // what refers to each other comes together
            for (String statement : statements) {
                s.execute(statement);
            }
            c.commit();
        }
    }

    private static List<String> kept() throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery("select name from revisions order by number")) {
            List<String> names = new ArrayList<>();
            while (r.next()) {
                names.add(r.getString(1));
            }
            return names;
        }
    }

    /** A service of twelve revisions, of which the first was deployed twelve weeks ago. */
    private static void service(String targets, String rollout) throws SQLException {
        List<String> all = new ArrayList<>();
        all.add(
                """
                insert into services (name, last_number, latest_number, traffic, rollout, invokers,
                    budget, uid, generation, metadata, min_instances, max_instances,
                    created_at, updated_at)
                values ('hello', 12, 12, '{"targets": [%s]}', %s, 'anyone', 'none',
                    gen_random_uuid(), 1, '{}', 0, 0, now(), now())\
                """
                        .formatted(targets, rollout));
        for (int number = 1; number <= 12; number++) {
            Instant at = NOW.minus(Duration.ofDays(7L * (13 - number)));
            all.add(
                    """
                    insert into revisions (name, service, number, image, digest, container,
                        cpu_millis, memory_bytes, concurrency, min_instances, max_instances,
                        idle_millis, timeout_millis, egress, session_affinity, rate_limit,
                        client_rate_limit, cpu_limit_millis, scaling_rules, metadata, billing,
                        created_at)
                    values ('hello-%1$d', 'hello', %1$d, 'oci:/x', '%3$s', '{"port": 8080}',
                        1000, 1000000, 80, 0, 100, 60000, 300000, 'internet', false, 'none',
                        'none', 1000, 'default', '{}', 'request', '%2$s')\
                    """
                            .formatted(number, at, FakeImages.DIGEST.value()));
        }
        sql(all.toArray(String[]::new));
    }

    private int forget() {
        return done(
                new OldRevisions(new Database(sessions, vertx))
                        .forget(NOW.minus(AGE))
                        .subscribeAsCompletionStage());
    }

    private static List<String> names(int... numbers) {
        List<String> names = new ArrayList<>();
        for (int number : numbers) {
            names.add("hello-" + number);
        }
        return names;
    }

    @Test
    void forget_oldOnes_goButForTheNewestFive() throws SQLException {
        service("{\"percent\": 100}", "null");
        assertThat(forget()).isEqualTo(7); // 8 is older than 30 days, too
        assertThat(kept()).isEqualTo(names(8, 9, 10, 11, 12));
        assertThat(forget()).isZero();
    }

    @Test
    void forget_withRequestsOrATag_neverGo() throws SQLException {
        service(
                "{\"percent\": 90, \"revision\": \"hello-3\"}, {\"percent\": 10},"
                        + " {\"percent\": 0, \"revision\": \"hello-1\", \"tag\": \"old\"}",
                "null");
        assertThat(forget()).isEqualTo(5);
        assertThat(kept()).isEqualTo(names(1, 3, 8, 9, 10, 11, 12));
    }

    @Test
    void forget_ofARolloutThatGoesOn_neverGo() throws SQLException {
        String rollout =
                "'{\"phase\": \"%s\", \"revision\": \"hello-12\", \"before\":"
                        + " {\"targets\": [{\"percent\": 100, \"revision\": \"hello-2\"}]}}'";
        service("{\"percent\": 100}", rollout.formatted("RUNNING"));
        assertThat(forget()).isEqualTo(6);
        assertThat(kept()).isEqualTo(names(2, 8, 9, 10, 11, 12));

        sql("update services set rollout = " + rollout.formatted("DONE"));
        assertThat(forget()).isEqualTo(1);
    }

    @Test
    void forget_serviceThatSomebodyChanges_isLeftForTheNextTime() throws SQLException {
        service("{\"percent\": 100}", "null");
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.execute("update services set traffic = traffic where name = 'hello'");
            assertThat(forget()).isZero();
            c.rollback();
        }
        assertThat(forget()).isEqualTo(7);
    }
}
