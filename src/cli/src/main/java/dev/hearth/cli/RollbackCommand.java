package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ServiceBody;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth rollback}: back to what served before, at once. */
@Command(
        name = "rollback",
        description = "Send all requests to the revision before the one that serves.")
final class RollbackCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    public Integer call() {
        ServiceBody service =
                client().post("/services/" + Client.encode(name) + "/rollback", ServiceBody.class);
        out().println("revision " + service.revision() + " serves " + service.name());
        TrafficCommand.print(service, out());
        return 0;
    }
}
