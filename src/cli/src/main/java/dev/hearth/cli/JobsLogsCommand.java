package dev.hearth.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs logs}: what a job's tasks printed, each line behind its attempt's name. */
@Command(name = "logs", description = "Show what a job's tasks printed.")
final class JobsLogsCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--execution",
            paramLabel = "EXECUTION",
            description = "of this one only; all of the job's otherwise")
    private @Nullable String execution;

    @Option(
            names = {"-f", "--follow"},
            description = "go on until interrupted")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "200",
            description = "the last N lines of the job (${DEFAULT-VALUE})")
    private int lines;

    @Option(names = "--json", description = "a JSON object a line")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        new LogTail(client(), out(), json, follow)
                .print(
                        "/jobs/" + Client.encode(name),
                        lines,
                        line -> Optional.of(line.revision()).filter(this::isShown));
        return 0;
    }

    private boolean isShown(String attempt) {
        return execution == null || attempt.startsWith(execution + "-");
    }
}
