package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.secret.Sealing;
import dev.hearth.catalog.secret.SecretKeys;
import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.SecretStore;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretPort.State;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Secrets in a real database. The key is in the tests' application.properties. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class SecretsTest {
    private static final Caller CI = new Caller("ci", Role.DEPLOYER, ProjectName.DEFAULT);
    private static final SecretName DB = new SecretName("db");
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private static final String OTHER_KEY = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @Inject SecretPort secrets;
    @Inject CatalogPort catalog;
    @Inject Database database;
    @Inject Room room;
    @Inject FakeImages images;
    @Inject FakeTraffic traffic;

    @BeforeEach
    void startEmpty() throws SQLException {
        images.reset();
        traffic.reset();
        room.start();
        sql("delete from services");
        sql("delete from secrets");
        sql("delete from audit");
        room.start();
    }

    private static void sql(String statement) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            s.execute(statement);
        }
    }

    private static String value(String query) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement();
                ResultSet r = s.executeQuery(query)) {
            r.next();
            return r.getString(1);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String told(String... mounts) {
        SecretValues values =
                done(
                        secrets.values(
                                ProjectName.DEFAULT,
                                Stream.of(mounts).map(SecretMount::parse).toList()));
        return String.join(
                " ",
                values.all().stream()
                        .map(v -> v.target() + "=" + new String(v.bytes(), StandardCharsets.UTF_8))
                        .toList());
    }

    private HearthException notTold(String mount) {
        return failureOf(secrets.values(ProjectName.DEFAULT, List.of(SecretMount.parse(mount))));
    }

    private static DeployRequest asking(String service, String... mounts) {
        DeployRequest r = CatalogTest.request(service);
        ContainerSpec container =
                new ContainerSpec(
                        List.of(),
                        List.of(),
                        Map.of(),
                        8080,
                        false,
                        Stream.of(mounts).map(SecretMount::parse).toList());
        return new DeployRequest(
                r.service(),
                r.image(),
                container,
                r.resources(),
                r.scaling(),
                r.egress(),
                r.requests());
    }

    @Test
    void value_created_isToldToInstancesOnly() throws SQLException {
        assertThat(done(secrets.create(CI, DB, bytes("hunter2"))).number()).isEqualTo(1);

        assertThat(told("A=db", "/keys/db=db:1")).isEqualTo("A=hunter2 /keys/db=hunter2");
        assertThat(failureOf(secrets.create(CI, DB, bytes("x"))).reason())
                .isEqualTo("secret-exists");
        assertThat(done(secrets.secrets(ProjectName.DEFAULT)))
                .extracting(s -> s.name() + " " + s.latest())
                .containsExactly("db 1");
        for (String table : List.of("secrets", "secret_versions", "audit")) {
            String all = value("select coalesce(string_agg(t::text, ''), '') from " + table + " t");
            assertThat(all).as(table).isNotEmpty().doesNotContain("hunter2");
            assertThat(all).doesNotContain(java.util.HexFormat.of().formatHex(bytes("hunter2")));
        }
        assertThat(value("select after::text from audit where kind = 'secret version'"))
                .contains("\"state\": \"enabled\"")
                .doesNotContain("sealed", "key_id");
    }

    @Test
    void versions_latestMoves_andStatesDecide() {
        done(secrets.create(CI, DB, bytes("one")));
        done(secrets.add(CI, DB, bytes("two")));
        assertThat(told("A=db")).isEqualTo("A=two");
        assertThat(told("A=db:1")).isEqualTo("A=one");

        done(secrets.set(CI, DB, 2, State.DISABLED));
        assertThat(notTold("A=db").reason()).isEqualTo("secret-not-usable");
        assertThat(notTold("A=db").sentence()).contains("A", "version 2", "disabled");
        assertThat(told("A=db:1")).isEqualTo("A=one");
        done(secrets.set(CI, DB, 2, State.ENABLED));
        assertThat(told("A=db")).isEqualTo("A=two");

        SecretPort.Version gone = done(secrets.set(CI, DB, 1, State.DESTROYED));
        assertThat(gone.keyId()).isEmpty();
        assertThat(notTold("A=db:1").sentence()).contains("destroyed");
        assertThat(failureOf(secrets.set(CI, DB, 1, State.ENABLED)).reason())
                .isEqualTo("version-destroyed");
        assertThat(done(secrets.versions(ProjectName.DEFAULT, DB)))
                .extracting(v -> v.number() + " " + v.state())
                .containsExactly("2 ENABLED", "1 DESTROYED");
    }

    @Test
    void names_unknown_saySo() {
        assertThat(notTold("A=none").reason()).isEqualTo("secret-not-found");
        done(secrets.create(CI, DB, bytes("one")));
        assertThat(notTold("A=db:7").sentence()).contains("version 7", "\"db\"");
        SecretName none = new SecretName("none");
        assertThat(failureOf(secrets.add(CI, none, bytes("x"))).reason())
                .isEqualTo("secret-not-found");
        assertThat(failureOf(secrets.versions(ProjectName.DEFAULT, none)).reason())
                .isEqualTo("secret-not-found");
        assertThat(failureOf(secrets.delete(CI, none)).reason()).isEqualTo("secret-not-found");
        assertThat(failureOf(secrets.set(CI, DB, 3, State.DISABLED)).reason())
                .isEqualTo("secret-not-found");
    }

    @Test
    void values_thatCannotBe_refused() {
        assertThat(failureOf(secrets.create(CI, DB, new byte[0])).reason())
                .isEqualTo("invalid-secret");
        assertThat(failureOf(secrets.create(CI, DB, new byte[SecretPort.MOST_BYTES + 1])).reason())
                .isEqualTo("invalid-secret");
        done(secrets.create(CI, DB, new byte[] {1, 0, 2}));
        assertThat(notTold("A=db").sentence()).contains("no text");
        assertThat(
                        done(secrets.values(
                                        ProjectName.DEFAULT,
                                        List.of(SecretMount.parse("/keys/db=db"))))
                                .all())
                .hasSize(1);
    }

    @Test
    void delete_whileAServiceAsks_refused() {
        done(secrets.create(CI, DB, bytes("one")));
        done(secrets.create(CI, new SecretName("db2"), bytes("two")));
        ServiceName hello = new ServiceName("hello");
        done(catalog.deploy(asking("hello", "A=db")));
        assertThat(done(catalog.service(hello)).latest().container().secrets())
                .containsExactly(SecretMount.parse("A=db"));

        assertThat(failureOf(secrets.delete(CI, DB)).reason()).isEqualTo("secret-in-use");
        done(secrets.delete(CI, new SecretName("db2")));
        done(catalog.deploy(asking("hello")));
        done(secrets.delete(CI, DB));
        assertThat(notTold("A=db").reason()).isEqualTo("secret-not-found");
    }

    @Test
    void values_databaseAway_thoseReadBeforeAreTold() throws Exception {
        done(secrets.create(CI, DB, bytes("one")));
        done(secrets.create(CI, new SecretName("gone"), bytes("two")));
        assertThat(told("A=db", "B=gone:1")).isEqualTo("A=one B=two");
        done(secrets.set(CI, new SecretName("gone"), 1, State.DISABLED));
        PostgresServer.running().shutDown();
        try {
            assertThat(told("A=db")).isEqualTo("A=one");
            assertThat(notTold("B=gone:1").reason()).isEqualTo("database-unavailable");
        } finally {
            PostgresServer.running().startAgain();
        }
    }

    @Test
    void key_replaced_everythingIsSealedAnew() throws SQLException {
        done(secrets.create(CI, DB, bytes("one")));
        done(secrets.add(CI, DB, bytes("two")));
        done(secrets.set(CI, DB, 1, State.DESTROYED));
        Sealing both = new Sealing(SecretKeys.parse(OTHER_KEY + "," + KEY), new SecureRandom());
        SecretStore other = new SecretStore(database, both, Clock.system());

        assertThat(other.reseal(CI).await().atMost(Duration.ofSeconds(20))).isEqualTo(1);
        assertThat(other.reseal(CI).await().atMost(Duration.ofSeconds(20))).isZero();
        assertThat(value("select distinct key_id from secret_versions where version = 2"))
                .isEqualTo(both.currentKey());
        assertThat(notTold("A=db").reason()).isEqualTo("secrets-key-missing");
        assertThat(value("select count(*) from audit where action = 'change'")).isEqualTo("1");
    }
}
