package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.Budget;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth budget}: what a service may cost in a month. */
@Command(
        name = "budget",
        description = "Show or set what a service may cost in a calendar month (UTC).")
final class BudgetCommand extends HearthCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "AMOUNT[,stop]|none",
            description =
                    "with stop requests are refused when it is spent; else a warning is logged")
    private @Nullable String amount;

    @Override
    public Integer call() {
        String path = "/services/" + Client.encode(name);
        String wanted = amount;
        ServiceBody service =
                wanted == null
                        ? client().get(path, ServiceBody.class)
                        : client().post(
                                        path + "/budget?of=" + Budget.parse(wanted),
                                        ServiceBody.class);
        UsageBody usage = client().get("/usage?service=" + Client.encode(name), UsageBody.class);
        out().printf(
                        Locale.ROOT,
                        "budget %s a month; %.6f spent since %s%n",
                        service.budget(),
                        usage.total().cost(),
                        usage.from());
        return 0;
    }
}
