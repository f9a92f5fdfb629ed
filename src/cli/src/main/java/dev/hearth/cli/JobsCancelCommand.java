package dev.hearth.cli;

import dev.hearth.contracts.JobApi.ExecutionBody;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs cancel}: no task begins any more, and those that run are stopped. */
@Command(name = "cancel", description = "Cancel an execution; what runs of it is stopped.")
final class JobsCancelCommand extends HearthCommand {
    @Parameters(paramLabel = "EXECUTION", description = "the execution's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    public Integer call() {
        ExecutionBody execution =
                client().post(
                                "/executions/" + Client.encode(name) + "/cancel",
                                ExecutionBody.class);
        out().println(execution.name() + " " + execution.state());
        return 0;
    }
}
