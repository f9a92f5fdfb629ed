package dev.hearth.gateway.budget;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Holds the month's bill against the budgets, again and again. A budget that is spent is warned of
 * once in a month; one that stops keeps requests out from the next look on, so it is overdrawn by
 * what comes in the meantime and by what is not on the bill yet, some twenty seconds together.
 * While the bill cannot be read what was known goes on to hold.
 */
public final class Budgets implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Budgets.class);
    private static final Duration BILL_DEADLINE = Duration.ofSeconds(10);

    private final Supplier<RouteTable> routes;
    private final UsagePort usage;
    private final Prices prices;
    private final Consumer<Set<ServiceName>> spent;
    private final Clock clock;
    private final Map<ServiceName, Warned> warned = new HashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("budgets").factory());
    private boolean blind;

    /** So that a warning comes once for a budget in a month. */
    private record Warned(Instant month, Budget budget) {}

    /**
     * @param routes of all services, with their budgets
     * @param spent told of the services whose budget is spent, after each look
     */
    public Budgets(
            Supplier<RouteTable> routes,
            UsagePort usage,
            Prices prices,
            Consumer<Set<ServiceName>> spent,
            Clock clock) {
        this.routes = routes;
        this.usage = usage;
        this.prices = prices;
        this.spent = spent;
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
        Map<ServiceName, Budget> budgets = new HashMap<>();
        for (Map.Entry<ServiceName, Route> route : routes.get().routes().entrySet()) {
            if (!route.getValue().budget().isNone()) {
                budgets.put(route.getKey(), route.getValue().budget());
            }
        }
        if (budgets.isEmpty()) {
            spent.accept(Set.of());
            return;
        }
        Instant now = clock.now();
        Instant month = Months.begin(now);
        Set<ServiceName> over = new HashSet<>();
        for (UsagePort.Line line : bill(month, now)) {
            ServiceName service = new ServiceName(line.service());
            Budget budget = budgets.getOrDefault(service, Budget.NONE);
            double cost =
                    prices.cost(
                            line.vcpuSeconds(),
                            line.gibSeconds(),
                            line.requests(),
                            line.egressBytes());
            if (budget.isSpentBy(cost)) {
                over.add(service);
                warn(service, budget, month, now);
            }
        }
        spent.accept(over);
    }

    private List<UsagePort.Line> bill(Instant from, Instant to) {
        return usage.usage(new UsagePort.Query(Optional.empty(), from, to, UsagePort.By.SERVICE))
                .toCompletableFuture()
                .orTimeout(BILL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private void warn(ServiceName service, Budget budget, Instant month, Instant now) {
        Warned warning = new Warned(month, budget);
        if (warning.equals(warned.put(service, warning))) {
            return;
        }
        LOG.warnf(
                "the budget of %s, %s a month, is spent%s",
                service,
                budget.amount().toPlainString(),
                budget.stops()
                        ? "; its requests are refused for "
                                + Durations.format(Duration.between(now, Months.nextBegin(now)))
                        : "; it goes on serving");
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
