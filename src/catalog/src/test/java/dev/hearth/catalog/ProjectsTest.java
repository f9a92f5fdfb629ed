package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static dev.hearth.catalog.Stages.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.TokenPort;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Projects, in a real database. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class ProjectsTest {
    private static final ProjectName ACME = new ProjectName("acme");
    private static final Caller ADMIN = Caller.BOOTSTRAP;
    private static final Caller ACMES = ADMIN.in(ACME);
    private static final ServiceName WEB = new ServiceName("web");
    private static final ServiceName ACMES_WEB = new ServiceName("web.acme");

    @Inject ProjectPort projects;
    @Inject CatalogPort catalog;
    @Inject TokenPort tokens;
    @Inject AuditPort audit;
    @Inject QuotaPort quotas;
    @Inject BudgetPort budgets;
    @Inject Room room;
    @Inject FakeImages images;
    @Inject FakeTraffic traffic;

    @BeforeEach
    void startEmpty() throws SQLException {
        images.reset();
        traffic.reset();
        room.start();
        sql(
                "delete from services",
                "delete from tokens",
                "delete from projects where name <> 'default'",
                "delete from former_projects",
                "delete from audit");
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

    private static DeployRequest web(ServiceName name) {
        return CatalogTest.request(name.value());
    }

    private static List<ServiceName> names(List<Service> services) {
        return services.stream().map(Service::name).toList();
    }

    @Test
    void services_ofTheSameName_areOfEachProject() {
        done(projects.create(ADMIN, ACME));
        done(catalog.as(ADMIN).deploy(web(WEB)));
        Service acmes = done(catalog.as(ACMES).deploy(web(ACMES_WEB)));

        assertThat(acmes.name()).isEqualTo(ACMES_WEB);
        assertThat(acmes.latest().name().value()).matches("web-00001-...\\.acme");
        assertThat(names(done(catalog.as(ADMIN).services()))).containsExactly(WEB);
        assertThat(names(done(catalog.as(ACMES).services()))).containsExactly(ACMES_WEB);
        assertThat(names(done(catalog.services()))).containsExactlyInAnyOrder(WEB, ACMES_WEB);
        ServicePage page = done(catalog.as(ACMES).services(Optional.empty(), 10));
        assertThat(names(page.services())).containsExactly(ACMES_WEB);
        assertThat(traffic.table().routes().keySet()).containsExactlyInAnyOrder(WEB, ACMES_WEB);

        done(catalog.as(ACMES).delete(ACMES_WEB));
        assertThat(names(done(catalog.services()))).containsExactly(WEB);
        assertThat(traffic.table().routes().keySet()).containsExactly(WEB);
    }

    /** Revisions of one name in two projects do not know of each other. */
    @Test
    void revisions_ofGivenNames_areOfEachProject() {
        done(projects.create(ADMIN, ACME));
        DeployRequest.Rollout v1 = new DeployRequest.Rollout(true, "", "v1");
        for (ServiceName name : List.of(WEB, ACMES_WEB)) {
            DeployRequest r = web(name);
            Service service =
                    done(
                            catalog.deploy(
                                    new DeployRequest(
                                            name,
                                            r.image(),
                                            r.container(),
                                            r.resources(),
                                            r.scaling(),
                                            r.egress(),
                                            r.requests(),
                                            v1)));
            assertThat(service.latest().name().label()).isEqualTo("web-v1");
        }
        assertThat(
                        failureOf(
                                        catalog.delete(
                                                WEB,
                                                done(catalog.service(ACMES_WEB)).latest().name()))
                                .reason())
                .isEqualTo("revision-not-found");
    }

    @Test
    void project_madeAndDeleted_nameIsGivenOnce() {
        done(projects.create(ADMIN, ACME));
        assertThat(failureOf(projects.create(ADMIN, ACME)).reason()).isEqualTo("project-exists");
        assertThat(done(projects.exists(ACME))).isTrue();
        assertThat(done(projects.projects()).stream().map(p -> p.name().value()))
                .containsExactly("acme", "default");
        ApiToken token =
                new ApiToken("acme-ci", ACME, Role.DEPLOYER, Instant.EPOCH, Optional.empty());
        done(tokens.create(ACMES, token, "d-acme"));
        done(catalog.as(ACMES).deploy(web(ACMES_WEB)));

        HearthException full = failureOf(projects.delete(ADMIN, ACME));
        assertThat(full.reason()).isEqualTo("project-not-empty");
        assertThat(full.sentence()).contains("services").doesNotContain("jobs");
        done(catalog.as(ACMES).delete(ACMES_WEB));
        done(projects.delete(ADMIN, ACME));

        assertThat(done(projects.exists(ACME))).isFalse();
        assertThat(done(tokens.find("d-acme"))).isEmpty();
        assertThat(failureOf(projects.create(ADMIN, ACME)).reason()).isEqualTo("project-exists");
        assertThat(failureOf(projects.delete(ADMIN, ACME)).reason()).isEqualTo("project-not-found");
        assertThat(failureOf(projects.delete(ADMIN, ProjectName.DEFAULT)).reason())
                .isEqualTo("invalid-project");
        assertThat(failureOf(catalog.as(ACMES).deploy(web(ACMES_WEB))).reason())
                .isEqualTo("deleted-meanwhile");
    }

    @Test
    void auditLog_saysWhoseItIs() {
        done(projects.create(ADMIN, ACME));
        done(catalog.as(ACMES).deploy(web(ACMES_WEB)));
        done(catalog.as(ADMIN).deploy(web(WEB)));
        List<AuditPort.Entry> acmes =
                done(audit.entries(
                                new AuditPort.Query(
                                        Optional.of(ACME), "", "", "", OptionalLong.empty(), 10)))
                        .entries();
        assertThat(acmes).extracting(AuditPort.Entry::project).containsOnly("acme");
        assertThat(acmes.reversed())
                .extracting(AuditPort.Entry::kind)
                .contains("project", "service", "revision");
    }

    @Test
    void quotaAndBudget_areOfEachProject() {
        done(projects.create(ADMIN, ACME));
        assertThat(done(quotas.set(ACMES, new Quota(1, 2, 0, 0, 0))).services()).isEqualTo(1);
        assertThat(done(quotas.quotas()).get(ProjectName.DEFAULT)).isEqualTo(Quota.NONE);
        done(catalog.as(ADMIN).deploy(web(WEB)));
        done(catalog.as(ADMIN).deploy(web(new ServiceName("more"))));
        done(catalog.as(ACMES).deploy(web(ACMES_WEB)));
        assertThat(failureOf(catalog.as(ACMES).deploy(web(new ServiceName("more.acme")))).reason())
                .isEqualTo("quota-exceeded");

        done(budgets.budget(ACMES, Budget.parse("5,stop")));
        assertThat(done(budgets.budgets())).containsEntry(ACME, Budget.parse("5,stop"));
        assertThat(done(budgets.budgets()).getOrDefault(ProjectName.DEFAULT, Budget.NONE))
                .isEqualTo(Budget.NONE);
    }

    @Test
    void domain_ofAnotherProject_isTakenAndNotToldOf() {
        done(projects.create(ADMIN, ACME));
        done(catalog.as(ADMIN).deploy(web(WEB)));
        done(catalog.as(ACMES).deploy(web(ACMES_WEB)));
        DomainName shop = DomainName.parse("shop.example.com");
        done(catalog.as(ADMIN).addDomain(shop, WEB));

        HearthException taken = failureOf(catalog.as(ACMES).addDomain(shop, ACMES_WEB));
        assertThat(taken.reason()).isEqualTo("domain-taken");
        assertThat(taken.sentence()).doesNotContain("web", "default");
        assertThat(done(catalog.as(ACMES).domains())).isEmpty();
        assertThat(failureOf(catalog.as(ACMES).removeDomain(shop)).reason())
                .isEqualTo("domain-not-found");
        assertThat(done(catalog.as(ADMIN).domains())).hasSize(1);
        done(catalog.as(ADMIN).removeDomain(shop));
    }
}
