package dev.hearth.cli;

import dev.hearth.contracts.JobApi.ExecutionBody;
import dev.hearth.contracts.JobApi.JobBody;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth jobs list}: every job and how its last execution went. */
@Command(name = "list", description = "List jobs and how their last executions went.")
final class JobsListCommand extends HearthCommand {
    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        JobBody[] jobs = client().get("/jobs", JobBody[].class);
        if (json) {
            printJson(List.of(jobs));
            return 0;
        }
        Table table = new Table("JOB", "TASKS", "LAST", "STATE", "SCHEDULE", "NEXT", "IMAGE");
        for (JobBody job : jobs) {
            ExecutionBody last = job.latest();
            String schedule = job.schedule();
            String next = job.nextRun();
            table.row(
                    job.name(),
                    Integer.toString(job.tasks()),
                    last == null ? "" : Table.age(last.createdAt(), Instant.now()) + " ago",
                    last == null ? "" : last.state(),
                    schedule == null ? "" : schedule + " " + job.zone(),
                    next == null ? "" : next,
                    job.image());
        }
        table.print(out());
        return 0;
    }
}
