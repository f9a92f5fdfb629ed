package dev.hearth.cli;

import dev.hearth.contracts.JobApi.ExecutionBody;
import dev.hearth.contracts.JobApi.JobBody;
import dev.hearth.contracts.JobApi.TaskBody;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs describe}: a job, or an execution with its tasks. */
@Command(name = "describe", description = "Show a job, or an execution with its tasks.")
final class JobsDescribeCommand extends HearthCommand {
    private static final int TASKS_SHOWN = 1000;

    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--execution",
            paramLabel = "EXECUTION",
            description = "one of its executions and that one's tasks instead")
    private @org.jspecify.annotations.Nullable String execution;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        return execution == null ? job() : tasks(execution);
    }

    private int job() {
        JobBody job = client().get("/jobs/" + Client.encode(name), JobBody.class);
        if (json) {
            printJson(job);
            return 0;
        }
        ExecutionBody last = job.latest();
        String schedule = job.schedule();
        String next = job.nextRun();
        Table table = new Table("job", job.name());
        table.row("image", job.image());
        table.row("digest", job.digest());
        table.row("tasks", job.tasks() + "");
        table.row("parallelism", job.parallelism() == 0 ? "no limit" : job.parallelism() + "");
        table.row("max retries", job.maxRetries() + "");
        table.row("timeout", job.timeout());
        table.row("cpu", job.cpu());
        table.row("memory", job.memory());
        table.row("egress", job.egress());
        table.row("schedule", schedule == null ? "none" : schedule + " " + job.zone());
        table.row("next run", next == null ? "when it is told to" : next);
        table.row("last execution", last == null ? "none" : line(last));
        table.print(out());
        return 0;
    }

    private static String line(ExecutionBody last) {
        return last.name()
                + ", "
                + last.state()
                + (last.message().isEmpty() ? "" : "; " + last.message());
    }

    private int tasks(String which) {
        String path = "/executions/" + Client.encode(which);
        ExecutionBody body = client().get(path, ExecutionBody.class);
        TaskBody[] tasks = client().get(path + "/tasks?most=" + TASKS_SHOWN, TaskBody[].class);
        if (json) {
            printJson(List.of(tasks));
            return 0;
        }
        out().println(JobsExecutionsCommand.line(body));
        Table table = new Table("TASK", "STATE", "ATTEMPT", "EXIT", "INSTANCE", "NODE", "");
        for (TaskBody task : tasks) {
            Integer code = task.exitCode();
            table.row(
                    Integer.toString(task.index()),
                    task.state(),
                    Integer.toString(task.attempt()),
                    code == null ? "" : code.toString(),
                    task.instance(),
                    task.node(),
                    task.message());
        }
        table.print(out());
        return 0;
    }
}
