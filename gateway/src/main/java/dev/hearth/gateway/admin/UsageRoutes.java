package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.AdminApi.UsageLine;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.UsagePort.By;
import dev.hearth.contracts.UsagePort.Line;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The bill. */
final class UsageRoutes {
    private final UsagePort usage;
    private final Prices prices;
    private final Clock clock;

    UsageRoutes(UsagePort usage, Prices prices, Clock clock) {
        this.usage = usage;
        this.prices = prices;
        this.clock = clock;
    }

    void register(Router router) {
        router.get(AdminApi.BASE + "/usage").handler(c -> Replies.reply(c, () -> usage(c)));
    }

    private CompletionStage<UsageBody> usage(RoutingContext c) {
        Instant now = clock.now();
        Instant to = Times.of(c, "to", now);
        Instant from = Times.of(c, "from", Months.begin(to)).truncatedTo(ChronoUnit.HOURS);
        if (from.isAfter(to)) {
            throw HearthException.invalid("invalid-time", "from " + from + " is after to " + to);
        }
        String service = c.request().getParam("service", "");
        UsagePort.Query query =
                new UsagePort.Query(
                        service.isEmpty()
                                ? Optional.empty()
                                : Optional.of(new ServiceName(service)),
                        from,
                        to,
                        by(c.request().getParam("by", "service")));
        return usage.usage(query).thenApply(lines -> body(from, to, lines));
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
        Line total =
                lines.stream()
                        .reduce(
                                new Line("", "", Optional.empty(), 0, 0, 0, 0, 0),
                                UsageRoutes::plus);
        return new UsageBody(
                from.toString(),
                to.toString(),
                lines.stream().map(this::line).toList(),
                line(total),
                new AdminApi.PricesBody(
                        prices.vcpuSecond(),
                        prices.gibSecond(),
                        prices.millionRequests(),
                        prices.egressGib()));
    }

    private static Line plus(Line a, Line b) {
        return new Line(
                "",
                "",
                Optional.empty(),
                a.requests() + b.requests(),
                a.billedSeconds() + b.billedSeconds(),
                a.vcpuSeconds() + b.vcpuSeconds(),
                a.gibSeconds() + b.gibSeconds(),
                a.egressBytes() + b.egressBytes());
    }

    private UsageLine line(Line l) {
        return new UsageLine(
                l.service(),
                l.revision().isEmpty() ? null : l.revision(),
                l.begin().map(Instant::toString).orElse(null),
                l.requests(),
                l.billedSeconds(),
                l.vcpuSeconds(),
                l.gibSeconds(),
                l.egressBytes(),
                prices.cost(l.vcpuSeconds(), l.gibSeconds(), l.requests(), l.egressBytes()));
    }
}
