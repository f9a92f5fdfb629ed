package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ServiceBody;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth services}: what is deployed. */
@Command(name = "services", description = "List the services.")
final class ServicesCommand extends HearthCommand {
    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        ServiceBody[] services = client().get("/services", ServiceBody[].class);
        if (json) {
            printJson(services);
            return 0;
        }
        Table table = new Table("NAME", "URL", "REVISION", "INSTANCES", "UPDATED");
        for (ServiceBody s : services) {
            table.row(
                    s.name(),
                    s.url(),
                    s.revision(),
                    Integer.toString(s.instances()),
                    Table.age(s.updatedAt(), Instant.now()) + " ago");
        }
        table.print(out());
        return 0;
    }
}
