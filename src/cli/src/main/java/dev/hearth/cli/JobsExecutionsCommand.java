package dev.hearth.cli;

import dev.hearth.contracts.JobApi.ExecutionBody;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs executions}: how a job's runs went. */
@Command(name = "executions", description = "List a job's executions, newest first.")
final class JobsExecutionsCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        ExecutionBody[] executions =
                client().get("/jobs/" + Client.encode(name) + "/executions", ExecutionBody[].class);
        if (json) {
            printJson(List.of(executions));
            return 0;
        }
        Table table =
                new Table("EXECUTION", "STATE", "TASKS", "RUNNING", "DONE", "FAILED", "BEGUN", "");
        for (ExecutionBody e : executions) {
            table.row(
                    e.name(),
                    e.state(),
                    Integer.toString(e.tasks()),
                    Integer.toString(e.running()),
                    Integer.toString(e.succeeded()),
                    Integer.toString(e.failed()),
                    Table.age(e.createdAt(), Instant.now()) + " ago",
                    e.message());
        }
        table.print(out());
        return 0;
    }

    /** An execution in one line. */
    static String line(ExecutionBody e) {
        return e.name()
                + " "
                + e.state()
                + ": "
                + e.succeeded()
                + " of "
                + e.tasks()
                + " tasks succeeded"
                + (e.message().isEmpty() ? "" : "; " + e.message());
    }
}
