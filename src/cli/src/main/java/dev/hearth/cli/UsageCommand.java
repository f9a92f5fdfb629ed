package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ItemsBody;
import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.AdminApi.UsageLine;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Months;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth usage}: the bill. */
@Command(
        name = "usage",
        description = "Show what services used and what it costs, this month by default (UTC).")
final class UsageCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", arity = "0..1", description = "of this service only")
    private @Nullable String name;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "2026-01-31T12:00:00Z, or how long ago: 2h (the month's begin)")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "(now)")
    private @Nullable String to;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "service",
            description = "service, revision, day or hour (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String by;

    @Option(
            names = "--month",
            paramLabel = "YYYY-MM",
            description = "all of that month, rather than --from and --to")
    private @Nullable String month;

    @Option(
            names = "--items",
            description =
                    "of the service NAME request by request, each with its share of the time; of"
                            + " job--NAME attempt by attempt")
    private boolean items;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "1000",
            description = "items that are listed, the others are summed up (${DEFAULT-VALUE})")
    private int most;

    @Option(names = "--csv", description = "as comma-separated values")
    private boolean csv;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<String> query = new ArrayList<>();
        if (name != null) {
            query.add("service=" + Client.encode(name));
        }
        addTimes(query);
        if (items) {
            if (name == null) {
                throw HearthException.invalid(
                        "missing-service", "say which service's items: hearth usage NAME --items");
            }
            query.add("most=" + most);
            printItems(client().get("/usage/items?" + String.join("&", query), ItemsBody.class));
            return 0;
        }
        query.add("by=" + Client.encode(by));
        UsageBody usage = client().get("/usage?" + String.join("&", query), UsageBody.class);
        if (json) {
            printJson(usage);
        } else if (csv) {
            printCsv(usage);
        } else {
            print(usage);
        }
        return 0;
    }

    private void printItems(ItemsBody bill) {
        ItemisedUsage usage = new ItemisedUsage(out());
        if (json) {
            printJson(bill);
        } else if (csv) {
            usage.printCsv(bill);
        } else {
            usage.print(bill);
        }
    }

    private void addTimes(List<String> query) {
        if (month != null) {
            if (from != null || to != null) {
                throw HearthException.invalid(
                        "invalid-time", "say either --month or --from and --to");
            }
            Instant begin = Moments.month(month);
            query.add("from=" + begin);
            query.add("to=" + Months.nextBegin(begin));
            return;
        }
        if (from != null) {
            query.add("from=" + Moments.parse(from));
        }
        if (to != null) {
            query.add("to=" + Moments.parse(to));
        }
    }

    private void print(UsageBody usage) {
        out().printf("from %s to %s%n%n", usage.from(), usage.to());
        Table table =
                new Table(
                        heading(),
                        "BILLING",
                        "REQUESTS",
                        "BILLED S",
                        "VCPU-S",
                        "GIB-S",
                        "IDLE S",
                        "EGRESS",
                        "COST");
        for (UsageLine line : usage.lines()) {
            row(table, label(line), line);
        }
        row(table, "total", usage.total());
        table.print(out());
    }

    private String heading() {
        return switch (by) {
            case "revision" -> "REVISION";
            case "day", "hour" -> "SERVICE, " + by.toUpperCase(Locale.ROOT);
            default -> "SERVICE";
        };
    }

    private static String label(UsageLine line) {
        String revision = line.revision();
        if (revision != null) {
            return revision;
        }
        return line.begin() == null ? line.service() : line.service() + ", " + line.begin();
    }

    private static void row(Table table, String label, UsageLine line) {
        table.row(
                label,
                line.billing() == null ? "" : line.billing(),
                Long.toString(line.requests()),
                String.format(Locale.ROOT, "%.1f", line.billedSeconds()),
                String.format(Locale.ROOT, "%.1f", line.vcpuSeconds()),
                String.format(Locale.ROOT, "%.1f", line.gibSeconds()),
                String.format(Locale.ROOT, "%.1f", line.idleSeconds()),
                new DataSize(line.egressBytes()).toString(),
                String.format(Locale.ROOT, "%.6f", line.cost()));
    }

    /** One line each, as RFC 4180 has it; no name needs quotes. */
    private void printCsv(UsageBody usage) {
        out().println(
                        "service,revision,begin,requests,billed_seconds,vcpu_seconds,gib_seconds,"
                                + "egress_bytes,cost,billing,idle_seconds,idle_vcpu_seconds,"
                                + "idle_gib_seconds");
        for (UsageLine l : usage.lines()) {
            out().println(
                            String.join(
                                    ",",
                                    l.service(),
                                    l.revision() == null ? "" : l.revision(),
                                    l.begin() == null ? "" : l.begin(),
                                    Long.toString(l.requests()),
                                    l.billedSeconds().toPlainString(),
                                    l.vcpuSeconds().toPlainString(),
                                    l.gibSeconds().toPlainString(),
                                    Long.toString(l.egressBytes()),
                                    l.cost().toPlainString(),
                                    l.billing() == null ? "" : l.billing(),
                                    l.idleSeconds().toPlainString(),
                                    l.idleVcpuSeconds().toPlainString(),
                                    l.idleGibSeconds().toPlainString()));
        }
    }
}
