package dev.hearth.cli;

import dev.hearth.contracts.LogPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs logs}: what a job's tasks printed, each line behind its attempt's name. */
@Command(name = "logs", description = "Show what a job's tasks printed.")
final class JobsLogsCommand extends HearthCommand {
    private static final int POLL_MILLIS = 300;

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
        Client client = client();
        String cursor = "";
        do {
            LogPage page =
                    client.get(
                            "/jobs/"
                                    + Client.encode(name)
                                    + "/logs?most="
                                    + lines
                                    + "&cursor="
                                    + Client.encode(cursor),
                            LogPage.class);
            for (LogPage.Line line : page.lines()) {
                if (execution == null || line.revision().startsWith(execution + "-")) {
                    out().println(
                                    json
                                            ? Client.JSON.writeValueAsString(line)
                                            : line.revision() + "  " + line.text());
                }
            }
            cursor = page.cursor();
            if (follow && page.lines().isEmpty()) {
                Thread.sleep(POLL_MILLIS);
            }
        } while (follow);
        return 0;
    }
}
