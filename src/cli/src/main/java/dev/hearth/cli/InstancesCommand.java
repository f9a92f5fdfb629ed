package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.InstanceBody;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth instances}: what runs now. */
@Command(name = "instances", description = "List the running instances.")
final class InstancesCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", arity = "0..1", description = "of this service only")
    private @Nullable String name;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        String query = name == null ? "" : "?service=" + Client.encode(name);
        InstanceBody[] instances = client().get("/instances" + query, InstanceBody[].class);
        if (json) {
            printJson(instances);
            return 0;
        }
        Table table =
                new Table(
                        "INSTANCE", "REVISION", "STATE", "REQUESTS", "CPU", "MEMORY", "PID", "AGE");
        for (InstanceBody i : instances) {
            table.row(
                    i.id(),
                    i.revision(),
                    i.state(),
                    Integer.toString(i.inFlight()),
                    i.cpu(),
                    i.memoryInUse(),
                    Integer.toString(i.pid()),
                    Table.age(i.startedAt(), Instant.now()));
        }
        table.print(out());
        return 0;
    }
}
