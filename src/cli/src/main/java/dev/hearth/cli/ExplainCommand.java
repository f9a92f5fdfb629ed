package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ExplainBody;
import dev.hearth.contracts.AdminApi.WhatIfBody;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ScalingChange;
import java.time.Instant;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth explain}: why so many instances, and how many with other settings. */
@Command(
        name = "explain",
        description = {
            "Say why a service had so many instances and so much CPU at a time,",
            "or what other settings would have made of its demand."
        })
final class ExplainCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "2026-01-31T12:00:00Z, or how long ago: 90s, 5m, 2h (now)")
    private @Nullable String at;

    @Option(
            names = "--what-if",
            paramLabel = "KEY=VALUE[,...]",
            description =
                    "replay the demand with these settings: concurrency, min, max, idle, and what"
                            + " `hearth deploy --scaling` takes")
    private @Nullable String change;

    @Option(names = "--from", paramLabel = "TIME", description = "of --what-if (an hour ago)")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "of --what-if (now)")
    private @Nullable String to;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        String settings = change;
        if (settings == null) {
            if (from != null || to != null) {
                throw HearthException.invalid(
                        "invalid-options", "--from and --to are for --what-if; say --at TIME");
            }
            explain();
        } else {
            whatIf(settings);
        }
        return 0;
    }

    private void explain() {
        ExplainBody e =
                client().get(
                                path("explain") + (at == null ? "" : "?at=" + Moments.parse(at)),
                                ExplainBody.class);
        if (json) {
            printJson(e);
            return;
        }
        out().printf(
                        Locale.ROOT,
                        "At %s revision %s was to have %d instance%s of %s CPU (%s when idle).%n",
                        second(e.at()),
                        e.revision(),
                        e.instances(),
                        e.instances() == 1 ? "" : "s",
                        e.cpu(),
                        e.idleCpu());
        out().println("Why:     " + e.why() + ".");
        out().printf(
                        Locale.ROOT,
                        "Demand:  %.1f requests at a time and %.1f a second, %.0f ms each, %d waiting; %d"
                                + " ready, %d starting.%n",
                        e.concurrency(),
                        e.perSecond(),
                        e.requestMillis(),
                        e.queued(),
                        e.ready(),
                        e.starting());
        out().println("Idle:    instances without requests were to be " + e.idleState() + ".");
        out().println("Rules:   " + e.scaling());
        out().println("Decided: " + second(e.decidedAt()));
        out().println();
        Table changes = new Table("CHANGED", "REVISION", "INSTANCES", "CPU", "WHY");
        for (ExplainBody.Change c : e.changes()) {
            changes.row(
                    second(c.at()),
                    c.revision(),
                    Integer.toString(c.instances()),
                    c.cpu(),
                    c.why());
        }
        changes.print(out());
    }

    private void whatIf(String settings) {
        ScalingChange.parse(settings);
        String query =
                "?change="
                        + Client.encode(settings)
                        + (from == null ? "" : "&from=" + Moments.parse(from))
                        + (to == null ? "" : "&to=" + Moments.parse(to));
        WhatIfBody both = client().get(path("what-if") + query, WhatIfBody.class);
        if (json) {
            printJson(both);
            return;
        }
        out().printf(
                        Locale.ROOT,
                        "%s from %s to %s, %d samples of demand replayed%n%n",
                        both.service(),
                        second(both.from()),
                        second(both.to()),
                        both.samples());
        Table table = new Table("", "AS IT WAS", settings.toUpperCase(Locale.ROOT));
        row(table, "cold starts", both, r -> r.coldStarts(), "%.0f");
        row(table, "starts", both, r -> r.starts(), "%.0f");
        row(table, "instances at most", both, r -> r.mostInstances(), "%.0f");
        row(table, "instance-seconds", both, r -> r.instanceSeconds(), "%.1f");
        row(table, "billed seconds", both, r -> r.busySeconds(), "%.1f");
        row(table, "cost", both, r -> r.cost(), "$%.6f");
        table.print(out());
    }

    private static void row(
            Table table,
            String what,
            WhatIfBody both,
            ToDoubleFunction<WhatIfBody.Replayed> value,
            String form) {
        table.row(
                what,
                String.format(Locale.ROOT, form, value.applyAsDouble(both.was())),
                String.format(Locale.ROOT, form, value.applyAsDouble(both.wouldBe())));
    }

    private String path(String what) {
        return "/services/" + Client.encode(name) + "/" + what;
    }

    /** To the second: nobody reads more. */
    private static String second(String iso) {
        return Instant.ofEpochSecond(Instant.parse(iso).getEpochSecond()).toString();
    }
}
