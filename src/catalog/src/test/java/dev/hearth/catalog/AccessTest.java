package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.store.AuditStore;
import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TokenPort;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens and the audit log, in a real database. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class AccessTest {
    private static final ServiceName HELLO = new ServiceName("hello");
    private static final Caller CI = new Caller("ci", Role.DEPLOYER, ProjectName.DEFAULT);
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00.123456Z");

    @Inject CatalogPort catalog;
    @Inject TokenPort tokens;
    @Inject AuditPort audit;
    @Inject AuditStore store;
    @Inject QuotaPort quotas;
    @Inject Room room;
    @Inject FakeImages images;
    @Inject FakeTraffic traffic;

    @BeforeEach
    void startEmpty() throws SQLException {
        images.reset();
        traffic.reset();
        room.start();
        sql("delete from services", "delete from tokens", "delete from audit");
        room.start();
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            for (String statement : statements) {
                s.execute(statement);
            }
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

    private static ApiToken token(String name, Optional<Instant> expiresAt) {
        return new ApiToken(name, ProjectName.DEFAULT, Role.VIEWER, THEN, expiresAt);
    }

    private static DeployRequest request(Map<String, String> env) {
        return new DeployRequest(
                HELLO,
                "oci:/hello",
                new ContainerSpec(List.of(), List.of(), env, 8080),
                new Resources(new Cpu(1000), DataSize.mebibytes(128)),
                new Scaling(80, 0, 100, Duration.ofSeconds(60)),
                Egress.DEFAULT,
                RequestPolicy.within(Duration.ofSeconds(300)));
    }

    private List<AuditPort.Entry> entries() {
        return done(audit.entries(
                        new AuditPort.Query(
                                Optional.empty(), "", "", "", OptionalLong.empty(), 100)))
                .entries();
    }

    private List<String> told() {
        return entries().reversed().stream()
                .map(e -> e.who() + " " + e.action() + " " + e.kind() + " " + e.name())
                .map(line -> line.replaceAll("hello-0000(\\d)-...", "hello-$1"))
                .toList();
    }

    @Test
    void token_created_foundByItsDigestOnly() throws SQLException {
        done(tokens.create(Caller.BOOTSTRAP, token("a", Optional.empty()), "d1"));
        ApiToken b = token("b", Optional.of(THEN.plusSeconds(60)));
        done(tokens.create(Caller.BOOTSTRAP, b, "d2"));

        assertThat(done(tokens.find("d2"))).contains(b);
        assertThat(done(tokens.find("d1"))).contains(token("a", Optional.empty()));
        assertThat(done(tokens.find("d3"))).isEmpty();
        assertThat(done(tokens.tokens())).hasSize(2);
        HearthException twice = failureOf(tokens.create(CI, token("a", Optional.empty()), "d4"));
        assertThat(twice.kind()).isEqualTo(ErrorKind.CONFLICT);
        assertThat(twice.reason()).isEqualTo("token-exists");
        done(tokens.revoke(CI, "a"));
        assertThat(done(tokens.find("d1"))).isEmpty();
        assertThat(failureOf(tokens.revoke(CI, "a")).reason()).isEqualTo("token-not-found");
        assertThat(told())
                .containsExactly(
                        "bootstrap create token a",
                        "bootstrap create token b",
                        "ci delete token a");
        assertThat(value("select string_agg(before::text || after::text, '') from audit")).isNull();
        assertThat(value("select count(*) from audit where audit::text like '%d1%'"))
                .isEqualTo("0");
    }

    @Test
    void tokens_tooMany_refused() throws SQLException {
        sql(
                "insert into tokens select 't' || n, 'default', 'viewer', 'x' || n, now() from"
                        + " generate_series(1, 1000) n");

        HearthException more = failureOf(tokens.create(CI, token("a", Optional.empty()), "d"));
        assertThat(more.reason()).isEqualTo("too-many-tokens");
    }

    @Test
    void changes_ofAService_toldWithWhoAndBeforeAndAfter() {
        CatalogPort byCi = catalog.as(CI);
        done(byCi.deploy(request(Map.of("COLOUR", "blue"))));
        done(catalog.as(Caller.BOOTSTRAP).budget(HELLO, Budget.parse("25")));
        done(byCi.change(HELLO, ServiceChange.NONE.with(Invokers.TOKEN)));
        done(catalog.deploy(request(Map.of())));
        done(byCi.rollback(HELLO));
        done(byCi.delete(HELLO));

        assertThat(told())
                .containsExactlyInAnyOrder(
                        "ci create service hello",
                        "ci create revision hello-1",
                        "bootstrap change service hello",
                        "ci change service hello",
                        "platform change service hello",
                        "platform create revision hello-2",
                        "ci change service hello",
                        "ci delete service hello");
        List<AuditPort.Entry> all = entries();
        AuditPort.Entry budget =
                all.stream().filter(e -> e.who().equals("bootstrap")).findFirst().orElseThrow();
        assertThat(budget.before()).contains("{\"budget\": \"none\"}");
        assertThat(budget.after()).contains("{\"budget\": \"25\"}");
        assertThat(all.getFirst().after()).isEmpty();
        assertThat(all.getFirst().before().orElseThrow()).contains("\"traffic\"");
        assertThat(
                        all.stream()
                                .filter(e -> e.kind().equals("revision"))
                                .toList()
                                .getLast()
                                .after()
                                .orElseThrow())
                .contains("\"COLOUR\": \"blue\"", "\"image\": \"oci:/hello\"");
    }

    @Test
    void changes_thatFail_notTold() {
        traffic.proveFailure =
                Optional.of(
                        new HearthException(
                                ErrorKind.FAILED_PRECONDITION, "container-exited", "it exited"));
        failureOf(catalog.as(CI).deploy(request(Map.of())));
        failureOf(catalog.as(CI).rollback(HELLO));

        assertThat(entries()).isEmpty();
    }

    @Test
    void change_veryLarge_toldWithoutItsText() {
        done(catalog.as(CI).deploy(request(Map.of("LARGE", "x".repeat(100_000)))));

        AuditPort.Entry revision =
                entries().stream()
                        .filter(e -> e.kind().equals("revision"))
                        .findFirst()
                        .orElseThrow();
        assertThat(revision.after().orElseThrow()).matches("\\{\"omitted\": 100\\d\\d\\d\\}");
    }

    @Test
    void entries_inPagesAndByWhatIsAskedFor() {
        for (int i = 0; i < 5; i++) {
            done(audit.note(CI, "stop", "service", "s" + i));
        }
        done(audit.note(Caller.BOOTSTRAP, "prune", "images", ""));

        AuditPort.Query two =
                new AuditPort.Query(Optional.empty(), "ci", "", "", OptionalLong.empty(), 2);
        AuditPort.Page first = done(audit.entries(two));
        assertThat(first.entries()).extracting(AuditPort.Entry::name).containsExactly("s4", "s3");
        AuditPort.Page second =
                done(
                        audit.entries(
                                new AuditPort.Query(
                                        Optional.empty(), "ci", "", "", first.next(), 2)));
        assertThat(second.entries()).extracting(AuditPort.Entry::name).containsExactly("s2", "s1");
        AuditPort.Page last =
                done(
                        audit.entries(
                                new AuditPort.Query(
                                        Optional.empty(), "ci", "", "", second.next(), 2)));
        assertThat(last.entries()).extracting(AuditPort.Entry::name).containsExactly("s0");
        assertThat(last.next()).isEmpty();
        assertThat(
                        done(audit.entries(
                                        new AuditPort.Query(
                                                Optional.empty(),
                                                "",
                                                "images",
                                                "",
                                                OptionalLong.empty(),
                                                10)))
                                .entries())
                .hasSize(1);
        assertThat(
                        done(audit.entries(
                                        new AuditPort.Query(
                                                Optional.empty(),
                                                "",
                                                "",
                                                "s3",
                                                OptionalLong.empty(),
                                                10)))
                                .entries())
                .hasSize(1);
    }

    @Test
    void forget_oldOnesAndThoseBeyondTheMost() throws SQLException {
        for (int i = 0; i < 5; i++) {
            done(audit.note(CI, "stop", "service", "s" + i));
        }
        sql("update audit set at = at - interval '2 days' where name in ('s3', 's4')");

        int gone =
                store.forget(Instant.now().minus(Duration.ofDays(1)), 3)
                        .await()
                        .atMost(Duration.ofSeconds(20));
        assertThat(gone).isEqualTo(4);
        assertThat(entries()).extracting(AuditPort.Entry::name).containsExactly("s2");
    }

    @Test
    void quota_ofServices_bindsNewOnesOnly() {
        assertThat(done(quotas.quotas())).containsEntry(ProjectName.DEFAULT, Quota.NONE);
        done(catalog.deploy(request(Map.of())));
        try {
            Quota one = new Quota(1, 2, 3, 4, 5);
            assertThat(done(quotas.set(Caller.BOOTSTRAP, one))).isEqualTo(one);
            assertThat(done(quotas.quotas())).containsEntry(ProjectName.DEFAULT, one);
            done(catalog.deploy(request(Map.of())));
            HearthException more = failureOf(catalog.deploy(CatalogTest.request("other")));
            assertThat(more.kind()).isEqualTo(ErrorKind.EXHAUSTED);
            assertThat(more.reason()).isEqualTo("quota-exceeded");
            assertThat(more.sentence()).contains("other", "quota of services, 1");
            assertThat(told()).contains("bootstrap change quota default");
        } finally {
            done(quotas.set(Caller.BOOTSTRAP, Quota.NONE));
        }
        done(catalog.deploy(CatalogTest.request("other")));
    }
}
