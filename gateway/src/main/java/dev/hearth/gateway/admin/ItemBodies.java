package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi.ItemBody;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.UsagePort.Used;
import dev.hearth.gateway.usage.ItemisedBill;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Items of a bill as the API tells them, and their sums, which are exact. */
final class ItemBodies {
    private static final int NANOS_DIGITS = 9; // of a second

    static final ItemBody NOTHING = sum(0, 0, 0, 0, BigDecimal.ZERO);

    private ItemBodies() {}

    static ItemBody line(ItemisedBill.Line l, Prices prices) {
        Used used = l.used();
        return new ItemBody(
                l.isRequest() ? "request" : "instance",
                l.revision(),
                l.instance(),
                Instant.EPOCH.plusNanos(l.fromNanos()).toString(),
                l.isRequest() ? l.nanos() / 1e9 : null,
                l.isRequest() ? l.status() : null,
                used.requests(),
                nanos(used.billed()),
                nanos(used.idle()),
                used.egressBytes(),
                plain(prices.cost(used)));
    }

    static ItemBody attempt(TaskUsagePort.Attempt a, Prices prices) {
        return new ItemBody(
                "task",
                a.execution(),
                a.execution() + "-" + a.task() + "-" + a.number(),
                a.begunAt().toString(),
                a.ranMillis() / 1e3,
                a.status().orElse(null),
                0,
                nanos(a.used().billed()),
                0,
                0,
                plain(prices.cost(a.used())));
    }

    private static long nanos(UsagePort.Time time) {
        return time.seconds().movePointRight(NANOS_DIGITS).longValueExact();
    }

    /** Without zeros at its end. */
    static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /** Of a bill, however it is billed; what that costs is the sum of what each line costs. */
    static ItemBody sum(List<UsagePort.Line> bill, Prices prices) {
        Used used =
                bill.stream()
                        .map(UsagePort.Line::used)
                        .reduce(Used.nothing(Billing.REQUEST), Used::plus);
        BigDecimal cost =
                bill.stream()
                        .map(l -> prices.cost(l.used()))
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
        return sum(
                used.requests(),
                nanos(used.billed()),
                nanos(used.idle()),
                used.egressBytes(),
                plain(cost));
    }

    private static ItemBody sum(
            long requests, long billedNanos, long idleNanos, long egressBytes, BigDecimal cost) {
        return new ItemBody(
                "sum",
                null,
                null,
                null,
                null,
                null,
                requests,
                billedNanos,
                idleNanos,
                egressBytes,
                cost);
    }

    static ItemBody plus(ItemBody a, ItemBody b) {
        return sum(
                a.requests() + b.requests(),
                a.billedNanos() + b.billedNanos(),
                a.idleNanos() + b.idleNanos(),
                a.egressBytes() + b.egressBytes(),
                plain(a.cost().add(b.cost())));
    }

    static ItemBody minus(ItemBody a, ItemBody b) {
        return sum(
                a.requests() - b.requests(),
                a.billedNanos() - b.billedNanos(),
                a.idleNanos() - b.idleNanos(),
                a.egressBytes() - b.egressBytes(),
                plain(a.cost().subtract(b.cost())));
    }
}
