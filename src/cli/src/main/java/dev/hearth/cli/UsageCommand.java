package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.AdminApi.UsageLine;
import dev.hearth.contracts.DataSize;
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

    @Option(names = "--csv", description = "as comma-separated values")
    private boolean csv;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<String> query = new ArrayList<>(List.of("by=" + Client.encode(by)));
        if (name != null) {
            query.add("service=" + Client.encode(name));
        }
        if (from != null) {
            query.add("from=" + Moments.parse(from));
        }
        if (to != null) {
            query.add("to=" + Moments.parse(to));
        }
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

    private void print(UsageBody usage) {
        out().printf("from %s to %s%n%n", usage.from(), usage.to());
        Table table =
                new Table(heading(), "REQUESTS", "BILLED S", "VCPU-S", "GIB-S", "EGRESS", "COST");
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
                Long.toString(line.requests()),
                String.format(Locale.ROOT, "%.1f", line.billedSeconds()),
                String.format(Locale.ROOT, "%.1f", line.vcpuSeconds()),
                String.format(Locale.ROOT, "%.1f", line.gibSeconds()),
                new DataSize(line.egressBytes()).toString(),
                String.format(Locale.ROOT, "%.6f", line.cost()));
    }

    /** One line each, as RFC 4180 has it; no name needs quotes. */
    private void printCsv(UsageBody usage) {
        out().println(
                        "service,revision,begin,requests,billed_seconds,vcpu_seconds,gib_seconds,"
                                + "egress_bytes,cost");
        for (UsageLine l : usage.lines()) {
            out().println(
                            String.join(
                                    ",",
                                    l.service(),
                                    l.revision() == null ? "" : l.revision(),
                                    l.begin() == null ? "" : l.begin(),
                                    Long.toString(l.requests()),
                                    Double.toString(l.billedSeconds()),
                                    Double.toString(l.vcpuSeconds()),
                                    Double.toString(l.gibSeconds()),
                                    Long.toString(l.egressBytes()),
                                    Double.toString(l.cost())));
        }
    }
}
