package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.InstanceBody;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
        // on one machine there is no other to tell apart
        boolean many = Arrays.stream(instances).anyMatch(i -> !i.node().isEmpty());
        List<String> columns =
                new ArrayList<>(
                        List.of(
                                "INSTANCE",
                                "REVISION",
                                "STATE",
                                "REQUESTS",
                                "CPU",
                                "MEMORY",
                                "PID",
                                "AGE"));
        if (many) {
            columns.add("NODE");
        }
        Table table = new Table(columns.toArray(String[]::new));
        for (InstanceBody i : instances) {
            List<String> row =
                    new ArrayList<>(
                            List.of(
                                    i.id(),
                                    i.revision(),
                                    i.state(),
                                    Integer.toString(i.inFlight()),
                                    i.cpu(),
                                    i.memoryInUse(),
                                    Integer.toString(i.pid()),
                                    Table.age(i.startedAt(), Instant.now())));
            if (many) {
                row.add(i.node());
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(out());
        return 0;
    }
}
