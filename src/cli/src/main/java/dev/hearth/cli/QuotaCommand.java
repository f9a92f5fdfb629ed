package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.QuotaBody;
import dev.hearth.contracts.AdminApi.QuotaUse;
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

    @Option(
            names = "--instances",
            paramLabel = "N|none",
            description = "instances and tasks that run")
    private @Nullable String instances;

    @Option(names = "--cpu", paramLabel = "CPU|none", description = "CPU of all of them")
    private @Nullable String cpu;

    @Option(names = "--memory", paramLabel = "SIZE|none", description = "memory of all of them")
    private @Nullable String memory;

    @Option(
            names = "--storage",
            paramLabel = "SIZE|none",
            description = "what its repositories in the platform's registry may take")
    private @Nullable String storage;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        boolean sets =
                services != null
                        || instances != null
                        || cpu != null
                        || memory != null
                        || storage != null;
        QuotaBody quota =
                sets
                        ? client().post(
                                        "/quota",
                                        new QuotaBody(
                                                services, instances, cpu, memory, storage, null),
                                        QuotaBody.class)
                        : client().get("/quota", QuotaBody.class);
        if (json) {
            printJson(quota);
            return 0;
        }
        out().printf(
                        "services %s, instances %s, cpu %s, memory %s, storage %s%n",
                        quota.services(),
                        quota.instances(),
                        quota.cpu(),
                        quota.memory(),
                        quota.storage());
        QuotaUse used = quota.used();
        if (used != null) {
            out().printf(
                            "used: services %s, instances %s, cpu %s, memory %s, storage %s%n",
                            used.services(),
                            used.instances(),
                            used.cpu(),
                            used.memory(),
                            used.storage());
        }
        return 0;
    }
}
