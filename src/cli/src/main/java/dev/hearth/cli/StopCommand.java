package dev.hearth.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth stop}: stops a service's instances now; the next request starts one again. */
@Command(
        name = "stop",
        description = "Stop a service's instances; the next request starts one again.")
final class StopCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    public Integer call() {
        client().post("/services/" + Client.encode(name) + "/stop");
        out().println("stopped the instances of " + name);
        return 0;
    }
}
