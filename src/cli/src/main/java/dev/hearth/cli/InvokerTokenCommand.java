package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.InvokerBody;
import picocli.CommandLine.Command;

/** {@code hearth invoker-token}: what callers of the project's private services show. */
@Command(
        name = "invoker-token",
        description =
                "Print what callers of the project's private services show, as Authorization: Bearer.")
final class InvokerTokenCommand extends HearthCommand {
    @Override
    public Integer call() {
        out().println(client().get("/invoker-token", InvokerBody.class).token());
        return 0;
    }
}
