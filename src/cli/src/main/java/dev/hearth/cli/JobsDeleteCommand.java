package dev.hearth.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs delete}: takes a job away with its executions; what runs is stopped. */
@Command(name = "delete", description = "Delete a job and its executions; what runs is stopped.")
final class JobsDeleteCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    public Integer call() {
        client().delete("/jobs/" + Client.encode(name));
        out().println("deleted " + name);
        return 0;
    }
}
