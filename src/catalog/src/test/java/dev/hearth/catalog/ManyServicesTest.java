package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.ServicePage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** As many services as a platform should have; what it takes is printed, and no assertion's. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class ManyServicesTest {
    private static final int MANY = 10_000;
    private static final int PAGE = 100;

    @Inject CatalogPort catalog;
    @Inject Room room;
    @Inject FakeTraffic traffic;

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

    @AfterEach
    void forget() throws SQLException {
        sql("delete from services");
        room.start();
    }

    /** Copies of one that was deployed as usual, each a second younger. */
    private void deployMany() throws SQLException {
        sql("delete from services");
        done(catalog.deploy(CatalogTest.request("s-0")));
        sql(
                """
                insert into services
                select (jsonb_populate_record(s, jsonb_build_object(
                    'name', 's-' || i, 'uid', gen_random_uuid(),
                    'created_at', s.created_at + i * interval '1 second'))).*
                from services s, generate_series(1, %d) i\
                """
                        .formatted(MANY - 1),
                """
                insert into revisions
                select (jsonb_populate_record(r, jsonb_build_object(
                    'name', 's-' || i || '-00001-abc', 'service', 's-' || i))).*
                from revisions r, generate_series(1, %d) i\
                """
                        .formatted(MANY - 1),
                // as the server does by itself soon; what was prepared for a few is planned anew
                "analyze services",
                "analyze revisions");
    }

    @Test
    void start_andPages_ofTenThousand_eachOnce() throws SQLException {
        room.start();
        deployMany();
        Clock clock = Clock.system();
        for (int i = 0; i < 3; i++) {
            traffic.reset();
            long begun = clock.nanos();
            room.start();
            System.out.printf("%d services: loaded in %d ms%n", MANY, millisSince(begun));
            assertThat(traffic.table.routes()).hasSize(MANY);
        }
        for (int i = 0; i < 3; i++) {
            Set<String> listed = new HashSet<>();
            long worst = 0;
            Optional<ServicePage.Cursor> at = Optional.empty();
            do {
                long begun = clock.nanos();
                ServicePage page = done(catalog.services(at, PAGE));
                worst = Math.max(worst, millisSince(begun));
                page.services().forEach(s -> listed.add(s.name().value()));
                at = page.next();
            } while (at.isPresent());
            System.out.printf("pages of %d: the slowest took %d ms%n", PAGE, worst);
            assertThat(listed).hasSize(MANY);
        }
    }

    private static long millisSince(long begunNanos) {
        return (Clock.system().nanos() - begunNanos) / 1_000_000;
    }
}
