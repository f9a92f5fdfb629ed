package dev.hearth.gateway.budget;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetAlert;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Holds the month's bill against the budgets, of services and of whole projects, again and again. A
 * budget that is spent is told of once in a month; one that stops keeps requests out from the next
 * look on, so it is overdrawn by what comes in the meantime and by what is not on the bill yet,
 * some twenty seconds together. While the bill cannot be read what was known goes on to hold.
 */
public final class Budgets implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Budgets.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final String PROJECT = "";

    private final Supplier<Map<ServiceName, Route>> routes;
    private final BudgetPort projects;
    private final UsagePort usage;
    private final Prices prices;
    private final Doors doors;
    private final Function<BudgetAlert, CompletionStage<Void>> alerts;
    private final Clock clock;

    /** Ids of alerts by what they are of, so that each is told once. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("budgets").factory());
    private boolean blind;

    /** Lets nobody in to services whose budget is spent. */
    public interface Doors {
        /**
         * After each look.
         *
         * @param services whose own budget is spent, whether it stops or not
         * @param projects whose is, and stops
         */
        void spent(Set<ServiceName> services, Set<ProjectName> projects);
    }

    /**
     * @param routes of the services that have a budget, or may have one
     * @param alerts fails when the alert has to be told again
     */
    public Budgets(
            Supplier<Map<ServiceName, Route>> routes,
            BudgetPort projects,
            UsagePort usage,
            Prices prices,
            Doors doors,
            Function<BudgetAlert, CompletionStage<Void>> alerts,
            Clock clock) {
        this.routes = routes;
        this.projects = projects;
        this.usage = usage;
        this.prices = prices;
        this.doors = doors;
        this.alerts = alerts;
        this.clock = clock;
    }

    /** Looks every so often from now on. */
    public void start(Duration every) {
        thread.scheduleWithFixedDelay(this::lookSafely, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A scheduled task that throws is never run again. */
    private void lookSafely() {
        try {
            look();
            blind = false;
        } catch (RuntimeException e) {
            if (!blind) {
                blind = true;
                LOG.warnf(
                        "budgets cannot be held against the bill now: %s",
                        HearthException.from(e).sentence());
            }
        }
    }

    /** One look; throws what reading the bill fails with. */
    void look() {
        Map<ProjectName, Map<String, Budget>> budgets = new TreeMap<>();
        for (Map.Entry<ServiceName, Route> route : routes.get().entrySet()) {
            if (!route.getValue().budget().isNone()) {
                ServiceName service = route.getKey();
                budgets.computeIfAbsent(service.project(), first -> new HashMap<>())
                        .put(service.label(), route.getValue().budget());
            }
        }
        await(projects.budgets())
                .forEach(
                        (project, budget) -> {
                            if (!budget.isNone()) {
                                budgets.computeIfAbsent(project, first -> new HashMap<>())
                                        .put(PROJECT, budget);
                            }
                        });
        Set<ServiceName> services = new HashSet<>();
        Set<ProjectName> stopped = new HashSet<>();
        Instant now = clock.now();
        budgets.forEach(
                (project, its) -> {
                    Map<String, BigDecimal> costs = costs(project, now);
                    its.forEach(
                            (of, budget) -> {
                                if (isSpent(project, of, budget, costs, now)) {
                                    if (!of.equals(PROJECT)) {
                                        services.add(ServiceName.of(project, of));
                                    } else if (budget.stops()) {
                                        stopped.add(project);
                                    }
                                }
                            });
                });
        doors.spent(services, stopped);
    }

    /** Of each service of a project this month, and of all of them under {@link #PROJECT}. */
    private Map<String, BigDecimal> costs(ProjectName project, Instant now) {
        UsagePort.Query month =
                new UsagePort.Query(
                        project, Optional.empty(), Months.begin(now), now, UsagePort.By.SERVICE);
        Map<String, BigDecimal> costs = new HashMap<>();
        for (UsagePort.Line line : await(usage.usage(month))) {
            BigDecimal cost = prices.cost(line.used());
            costs.merge(line.service(), cost, BigDecimal::add);
            costs.merge(PROJECT, cost, BigDecimal::add);
        }
        return costs;
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .copy()
                .orTimeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private boolean isSpent(
            ProjectName project,
            String of,
            Budget budget,
            Map<String, BigDecimal> costs,
            Instant now) {
        BigDecimal cost = costs.getOrDefault(of, BigDecimal.ZERO);
        boolean spent = budget.isSpentBy(cost);
        if (spent) {
            tell(BudgetAlert.of(project, of, budget, cost, now), budget, now);
        }
        return spent;
    }

    private void tell(BudgetAlert alert, Budget budget, Instant now) {
        String of = alert.project() + "/" + alert.service();
        if (alert.id().equals(told.put(of, alert.id()))) {
            return;
        }
        LOG.warnf(
                "the budget of %s, %s a month, is spent%s",
                alert.service().equals(PROJECT)
                        ? "all services of project " + alert.project() + " together"
                        : of,
                budget.amount().toPlainString(),
                budget.stops()
                        ? "; requests are refused for "
                                + Durations.format(Duration.between(now, Months.nextBegin(now)))
                        : "; it goes on serving");
        alerts.apply(alert)
                .whenComplete(
                        (sent, failure) -> {
                            if (failure != null) {
                                told.remove(of, alert.id());
                            }
                        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
