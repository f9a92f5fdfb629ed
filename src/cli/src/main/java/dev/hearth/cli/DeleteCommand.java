package dev.hearth.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth delete}: takes a service away; requests in flight finish. */
@Command(name = "delete", description = "Delete a service.")
final class DeleteCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    public Integer call() {
        client().delete("/services/" + Client.encode(name));
        out().println("deleted " + name);
        return 0;
    }
}
