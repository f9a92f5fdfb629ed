package dev.hearth.gateway.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetAlert;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetsTest {
    private static final RevisionSpec HELLO = Revisions.of("hello", 80, 10);

    private final ManualClock clock = new ManualClock();
    private final Routes routes = new Routes(new HostNames("localhost"));
    private final Traffic traffic =
            new Traffic(routes, new FakeRuntime("127.0.0.1", 1).startAtOnce(), clock);
    private final List<UsagePort.Query> asked = new ArrayList<>();
    private final Budgets budgets =
            new Budgets(
                    traffic::budgeted,
                    new ProjectBudget(),
                    this::bill,
                    Prices.LIST,
                    traffic::spent,
                    this::tell,
                    clock);
    private final List<BudgetAlert> alerts = new ArrayList<>();
    private Budget project = Budget.NONE;
    private boolean brokerAway;
    private double vcpuSeconds;
    private boolean databaseAway;

    private CompletionStage<Void> tell(BudgetAlert alert) {
        alerts.add(alert);
        return brokerAway
                ? CompletableFuture.failedFuture(new IllegalStateException("away"))
                : CompletableFuture.completedFuture(null);
    }

    private final class ProjectBudget implements BudgetPort {
        @Override
        public CompletionStage<Map<ProjectName, Budget>> budgets() {
            return CompletableFuture.completedFuture(Map.of(ProjectName.DEFAULT, project));
        }

        @Override
        public CompletionStage<Void> budget(Caller by, Budget budget) {
            project = budget;
            return CompletableFuture.completedFuture(null);
        }
    }

    private CompletionStage<List<UsagePort.Line>> bill(UsagePort.Query query) {
        asked.add(query);
        return databaseAway
                ? CompletableFuture.failedFuture(
                        new HearthException(ErrorKind.UNAVAILABLE, "database-unavailable", "away"))
                : CompletableFuture.completedFuture(
                        List.of(
                                line("hello", vcpuSeconds / 2),
                                line("hello", vcpuSeconds / 2), // billed in two ways
                                line("gone", 1e9)));
    }

    private static UsagePort.Line line(String service, double vcpuSeconds) {
        UsagePort.Time time =
                new UsagePort.Time(
                        BigDecimal.ZERO, BigDecimal.valueOf(vcpuSeconds), BigDecimal.ZERO);
        return new UsagePort.Line(
                service,
                "",
                Optional.empty(),
                new UsagePort.Used(Billing.REQUEST, 0, time, UsagePort.Time.NONE, 0));
    }

    private void budget(String text) {
        Route route =
                new Route(
                        Invokers.ANYONE,
                        Budget.parse(text),
                        List.of(new Route.Share(HELLO, 100, List.of("next"))));
        traffic.replace(new RouteTable(Map.of(new ServiceName("hello"), route)));
    }

    private boolean isOpen() {
        RevisionPool pool = routes.find("hello.localhost");
        assertThat(pool).isNotNull();
        return pool.door().isOpen();
    }

    @Test
    void look_budgetThatStops_closesWhenItIsSpentAndOpensWhenItIsRaised() {
        budget("2.40,stop");
        vcpuSeconds = 99_000; // 2.376
        budgets.look();
        assertThat(isOpen()).isTrue();

        vcpuSeconds = 100_000;
        budgets.look();
        assertThat(isOpen()).isFalse();
        // a deploy does not open it
        budget("2.40,stop");
        assertThat(isOpen()).isFalse();

        budget("5,stop");
        budgets.look();
        assertThat(isOpen()).isTrue();
    }

    @Test
    void look_budgetThatOnlyWarns_staysOpen() {
        budget("1");
        vcpuSeconds = 1e6;
        budgets.look();

        assertThat(isOpen()).isTrue();
    }

    @Test
    void look_budgetIsSpent_oneAlertAMonth() {
        budget("1");
        vcpuSeconds = 1e6;
        budgets.look();
        budgets.look();
        assertThat(alerts).hasSize(1);
        BudgetAlert alert = alerts.getFirst();
        assertThat(alert.service()).isEqualTo("hello");
        assertThat(alert.month()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(alert.budget()).isEqualTo("1");
        assertThat(alert.spent()).isEqualByComparingTo("24");
        assertThat(alert.stops()).isFalse();

        clock.advance(Duration.ofDays(31));
        budgets.look();
        assertThat(alerts).hasSize(2);
        assertThat(alerts.getLast().id()).isNotEqualTo(alert.id());
    }

    @Test
    void look_brokerIsAway_theSameAlertIsToldAgain() {
        budget("1");
        vcpuSeconds = 1e6;
        brokerAway = true;
        budgets.look();
        brokerAway = false;
        budgets.look();
        budgets.look();
        assertThat(alerts).hasSize(2);
        assertThat(alerts.getLast().id()).isEqualTo(alerts.getFirst().id());
    }

    @Test
    void look_projectsBudgetThatStops_closesAllServices_untilItIsRaised() {
        budget("none");
        project = Budget.parse("24000.5,stop"); // services that are gone cost 24 000
        budgets.look();
        assertThat(isOpen()).isTrue();
        vcpuSeconds = 1e6;
        budgets.look();
        assertThat(isOpen()).isFalse();
        assertThat(alerts).extracting(BudgetAlert::service).containsExactly("");
        budget("none"); // a deploy does not open it
        assertThat(isOpen()).isFalse();

        project = Budget.parse("30000,stop");
        budgets.look();
        assertThat(isOpen()).isTrue();
    }

    @Test
    void look_projectsBudgetThatOnlyWarns_staysOpen() {
        budget("none");
        project = Budget.parse("1");
        budgets.look();
        assertThat(isOpen()).isTrue();
        assertThat(alerts).hasSize(1);
    }

    @Test
    void look_billCannotBeRead_whatWasKnownHolds() {
        budget("1,stop");
        vcpuSeconds = 1e6;
        budgets.look();
        databaseAway = true;

        assertThatThrownBy(budgets::look).isInstanceOf(CompletionException.class);

        assertThat(isOpen()).isFalse();
    }

    @Test
    void look_monthBegins_isAskedForAndOpensAgain() {
        budget("1,stop");
        vcpuSeconds = 1e6;
        budgets.look();
        clock.advance(Duration.ofDays(31));
        vcpuSeconds = 0;
        budgets.look();

        assertThat(isOpen()).isTrue();
        assertThat(asked)
                .extracting(UsagePort.Query::from)
                .containsExactly(
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2026-02-01T00:00:00Z"));
    }

    @Test
    void look_noBudgets_asksNothing() {
        budget("none");
        budgets.look();

        assertThat(asked).isEmpty();
    }

    @Test
    void months_endOfTheYear_isFollowedByTheNext() {
        Instant at = Instant.parse("2026-12-31T23:59:59Z");
        assertThat(Months.begin(at)).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(Months.nextBegin(at)).isEqualTo("2027-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "25", "0.50,stop", "0.000001"})
    void parse_whatToStringWrites_same(String text) {
        assertThat(Budget.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1e3", "5,halt", "stop", "1.1234567", "25 "})
    void parse_anythingElse_refused(String text) {
        assertThatThrownBy(() -> Budget.parse(text)).isInstanceOf(HearthException.class);
    }
}
