package dev.hearth.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth logs}: what a service's instances printed. */
@Command(name = "logs", description = "Show what a service's instances printed.")
final class LogsCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = {"-f", "--follow"},
            description = "go on until interrupted")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "200",
            description = "the last N lines (${DEFAULT-VALUE})")
    private int lines;

    @Option(names = "--json", description = "a JSON object a line")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        new LogTail(client(), out(), json, follow)
                .print(
                        "/services/" + Client.encode(name),
                        lines,
                        line -> Optional.of(line.instance()));
        return 0;
    }
}
