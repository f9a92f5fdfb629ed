package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.BudgetBody;
import dev.hearth.contracts.AdminApi.ItemBody;
import dev.hearth.contracts.AdminApi.ItemsBody;
import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.AdminApi.UsageLine;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.UsagePort.By;
import dev.hearth.contracts.UsagePort.Line;
import dev.hearth.contracts.UsagePort.Used;
import dev.hearth.gateway.access.Access;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The bill. */
final class UsageRoutes {
    private static final int USUAL_ITEMS = 1000;

    private final UsagePort usage;
    private final Prices prices;
    private final ItemParts items;
    private final TaskUsagePort tasks;
    private final BudgetPort budgets;
    private final Clock clock;

    UsageRoutes(BillSources bill, Clock clock) {
        this.usage = bill.usage();
        this.prices = bill.prices();
        this.items = bill.items();
        this.tasks = bill.tasks();
        this.budgets = bill.projectBudgets();
        this.clock = clock;
    }

    void register(Router router) {
        router.get(AdminApi.BASE + "/usage").handler(c -> Replies.reply(c, () -> usage(c)));
        router.get(AdminApi.BASE + "/usage/items").handler(c -> Replies.reply(c, () -> items(c)));
        router.get(AdminApi.BASE + "/budget").handler(c -> Replies.reply(c, () -> budgetNow(c)));
        router.post(AdminApi.BASE + "/budget").handler(c -> Replies.reply(c, () -> budget(c)));
    }

    private CompletionStage<BudgetBody> budgetNow(RoutingContext c) {
        return budgets.budgets()
                .thenApply(all -> all.getOrDefault(project(c), Budget.NONE))
                .thenApply(BudgetBody::of);
    }

    private static ProjectName project(RoutingContext c) {
        return Access.caller(c).project();
    }

    private CompletionStage<BudgetBody> budget(RoutingContext c) {
        Budget wanted = Budget.parse(c.request().getParam("of", ""));
        return budgets.budget(Access.caller(c), wanted).thenApply(set -> BudgetBody.of(wanted));
    }

    private CompletionStage<UsageBody> usage(RoutingContext c) {
        UsagePort.Query query = query(c, by(c.request().getParam("by", "service")));
        return usage.usage(query).thenApply(lines -> body(query.from(), query.to(), lines));
    }

    private UsagePort.Query query(RoutingContext c, By by) {
        Instant now = clock.now();
        Instant to = Times.of(c, "to", now);
        Instant from = Times.of(c, "from", Months.begin(to)).truncatedTo(ChronoUnit.HOURS);
        if (from.isAfter(to)) {
            throw HearthException.invalid("invalid-time", "from " + from + " is after to " + to);
        }
        String service = c.request().getParam("service", "");
        return new UsagePort.Query(
                project(c),
                service.isEmpty()
                        ? Optional.empty()
                        : Optional.of(ServiceName.of(project(c), service)),
                from,
                to,
                by);
    }

    private static By by(String text) {
        for (By by : By.values()) {
            if (by.name().toLowerCase(Locale.ROOT).equals(text)) {
                return by;
            }
        }
        throw HearthException.invalid(
                "invalid-by", "by=\"" + text + "\" is not service, revision, day or hour");
    }

    private UsageBody body(Instant from, Instant to, List<Line> lines) {
        return new UsageBody(
                from.toString(),
                to.toString(),
                lines.stream().map(this::line).toList(),
                total(lines),
                AdminApi.PricesBody.of(prices));
    }

    private UsageLine line(Line l) {
        return line(
                l.service(),
                l.revision().isEmpty() ? null : l.revision(),
                l.begin().map(Instant::toString).orElse(null),
                l.used().billing().word(),
                l.used(),
                prices.cost(l.used()));
    }

    /** However it is billed; what that costs is the sum of what each line costs. */
    private UsageLine total(List<Line> lines) {
        Used all = lines.stream().map(Line::used).reduce(Used.nothing(Billing.REQUEST), Used::plus);
        return line("", null, null, null, all, cost(lines));
    }

    private BigDecimal cost(List<Line> lines) {
        return lines.stream()
                .map(l -> prices.cost(l.used()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static UsageLine line(
            String service,
            @Nullable String revision,
            @Nullable String begin,
            @Nullable String billing,
            Used used,
            BigDecimal cost) {
        return new UsageLine(
                service,
                revision,
                begin,
                billing,
                used.requests(),
                ItemBodies.plain(used.billed().seconds()),
                ItemBodies.plain(used.billed().vcpuSeconds()),
                ItemBodies.plain(used.billed().gibSeconds()),
                ItemBodies.plain(used.idle().seconds()),
                ItemBodies.plain(used.idle().vcpuSeconds()),
                ItemBodies.plain(used.idle().gibSeconds()),
                used.egressBytes(),
                ItemBodies.plain(cost));
    }

    // ---- item by item

    private CompletionStage<ItemsBody> items(RoutingContext c) {
        UsagePort.Query query = query(c, By.SERVICE);
        ServiceName service =
                query.service()
                        .orElseThrow(
                                () ->
                                        HearthException.invalid(
                                                "missing-service",
                                                "say which service's items with service=NAME"));
        int most = most(c.request().getParam("most", Integer.toString(USUAL_ITEMS)));
        return usage.usage(query)
                .thenCompose(
                        bill ->
                                part(query, service, most)
                                        .thenApply(part -> itemised(query, bill, part)));
    }

    private CompletionStage<ItemParts.Part> part(
            UsagePort.Query query, ServiceName service, int most) {
        if (service.value().startsWith(JobName.SERVICE_PREFIX)) {
            return tasks.attempts(query)
                    .thenApply(
                            all ->
                                    ItemParts.part(
                                            all.stream()
                                                    .map(a -> ItemBodies.attempt(a, prices))
                                                    .toList(),
                                            most));
        }
        Instant last = query.to().plus(1, ChronoUnit.HOURS).minusNanos(1);
        return items.all(
                new ItemParts.Question(service.value(), hour(query.from()), hour(last), most));
    }

    private static int most(String text) {
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > ItemParts.MOST) {
            throw HearthException.invalid(
                    "invalid-number",
                    "most=\"" + text + "\" is not between 0 and " + ItemParts.MOST);
        }
        return Integer.parseInt(text);
    }

    private static long hour(Instant at) {
        return at.getEpochSecond() / Duration.ofHours(1).toSeconds();
    }

    private ItemsBody itemised(UsagePort.Query query, List<Line> bill, ItemParts.Part part) {
        ItemBody billSum = ItemBodies.sum(bill, prices);
        return new ItemsBody(
                query.from().toString(),
                query.to().toString(),
                part.items(),
                part.leftOut(),
                ItemBodies.minus(billSum, part.sum()),
                billSum);
    }
}
