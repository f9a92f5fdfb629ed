package dev.hearth.cli;

import dev.hearth.contracts.LogPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth logs}: what a service's instances printed. */
@Command(name = "logs", description = "Show what a service's instances printed.")
final class LogsCommand extends HearthCommand {
    private static final int POLL_MILLIS = 300;

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
        Client client = client();
        String cursor = "";
        do {
            LogPage page =
                    client.get(
                            "/services/"
                                    + Client.encode(name)
                                    + "/logs?most="
                                    + lines
                                    + "&cursor="
                                    + Client.encode(cursor),
                            LogPage.class);
            for (LogPage.Line line : page.lines()) {
                out().println(
                                json
                                        ? Client.JSON.writeValueAsString(line)
                                        : line.instance() + "  " + line.text());
            }
            cursor = page.cursor();
            if (follow && page.lines().isEmpty()) {
                Thread.sleep(POLL_MILLIS);
            }
        } while (follow);
        return 0;
    }
}
