package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.QuotaBody;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth quota}: what the project may have at most. */
@Command(
        name = "quota",
        description = "Show or, as an admin, set what the project may have at most.")
final class QuotaCommand extends HearthCommand {
    @Option(names = "--services", paramLabel = "N|none", description = "services")
    private @Nullable String services;

    @Option(names = "--instances", paramLabel = "N|none", description = "instances that run")
    private @Nullable String instances;

    @Option(names = "--cpu", paramLabel = "CPU|none", description = "CPU of all instances")
    private @Nullable String cpu;

    @Option(names = "--memory", paramLabel = "SIZE|none", description = "memory of all instances")
    private @Nullable String memory;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        boolean sets = services != null || instances != null || cpu != null || memory != null;
        QuotaBody quota =
                sets
                        ? client().post(
                                        "/quota",
                                        new QuotaBody(services, instances, cpu, memory),
                                        QuotaBody.class)
                        : client().get("/quota", QuotaBody.class);
        if (json) {
            printJson(quota);
            return 0;
        }
        out().printf(
                        "services %s, instances %s, cpu %s, memory %s%n",
                        quota.services(), quota.instances(), quota.cpu(), quota.memory());
        return 0;
    }
}
