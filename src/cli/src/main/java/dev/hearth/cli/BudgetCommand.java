package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.BudgetBody;
import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.UsageBody;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.HearthException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth budget}: what a service, or all of them together, may cost in a month. */
@Command(
        name = "budget",
        description =
                "Show or set what a service, or the project, may cost in a calendar month (UTC).")
final class BudgetCommand extends HearthCommand {
    @Option(
            names = "--all",
            description = "of all the project's services together, rather than of the service NAME")
    private boolean all;

    @Parameters(
            arity = "0..2",
            paramLabel = "[NAME] [AMOUNT[,stop]|none]",
            hideParamSyntax = true,
            description =
                    "with stop requests are refused when it is spent; else a warning is given")
    private List<String> words = List.of();

    @Override
    public Integer call() {
        int names = all ? 0 : 1;
        if (words.size() < names || words.size() > names + 1) {
            throw HearthException.invalid(
                    "invalid-budget",
                    "say hearth budget NAME [AMOUNT[,stop]|none], or hearth budget --all"
                            + " [AMOUNT[,stop]|none]");
        }
        Optional<Budget> wanted = words.stream().skip(names).findFirst().map(Budget::parse);
        if (all) {
            show(ofProject(wanted), "/usage");
        } else {
            String name = Client.encode(words.getFirst());
            show(ofService(name, wanted), "/usage?service=" + name);
        }
        return 0;
    }

    private String ofProject(Optional<Budget> wanted) {
        BudgetBody body =
                wanted.isEmpty()
                        ? client().get("/budget", BudgetBody.class)
                        : client().post("/budget?of=" + wanted.get(), BudgetBody.class);
        return body.budget();
    }

    private String ofService(String name, Optional<Budget> wanted) {
        String path = "/services/" + name;
        ServiceBody service =
                wanted.isEmpty()
                        ? client().get(path, ServiceBody.class)
                        : client().post(path + "/budget?of=" + wanted.get(), ServiceBody.class);
        return service.budget();
    }

    private void show(String budget, String usagePath) {
        UsageBody usage = client().get(usagePath, UsageBody.class);
        out().printf(
                        Locale.ROOT,
                        "budget %s a month; %.6f spent since %s%n",
                        budget,
                        usage.total().cost(),
                        usage.from());
    }
}
