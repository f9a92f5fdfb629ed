package dev.hearth.cli;

import dev.hearth.contracts.JobApi.ExecutionBody;
import dev.hearth.contracts.JobApi.RunJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs run}: begins an execution; its name is the last line of stdout. */
@Command(name = "run", description = "Run a job; prints the execution's name.")
final class JobsRunCommand extends HearthCommand {
    private static final int POLL_MILLIS = 300;

    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--wait", description = "until it is over; exit code 1 unless it succeeded")
    private boolean wait;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "of this execution, instead of the job's")
    private @Nullable Integer tasks;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "of each attempt in this execution, instead of the job's")
    private @Nullable String timeout;

    @Option(
            names = "--env",
            paramLabel = "K=V",
            description = "an environment variable of this execution; may be repeated")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = "--args",
            paramLabel = "WORD",
            description = "of this execution, instead of the job's; may be repeated")
    private @Nullable List<String> args;

    @Override
    public Integer call() throws Exception {
        ExecutionBody execution =
                client().post(
                                "/jobs/" + Client.encode(name) + "/run",
                                new RunJob(args, env, tasks, timeout),
                                ExecutionBody.class);
        if (!wait) {
            out().println(execution.name());
            return 0;
        }
        while (execution.completedAt() == null) {
            Thread.sleep(POLL_MILLIS);
            execution =
                    client().get(
                                    "/executions/" + Client.encode(execution.name()),
                                    ExecutionBody.class);
        }
        err().println(JobsExecutionsCommand.line(execution));
        out().println(execution.name());
        return execution.state().equals("succeeded") ? 0 : 1;
    }
}
