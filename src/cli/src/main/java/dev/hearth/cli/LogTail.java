package dev.hearth.cli;

import dev.hearth.contracts.LogPage;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;

/**
 * Prints what containers have printed, once or until it is interrupted.
 *
 * @param json a JSON object a line
 * @param follow go on
 */
record LogTail(Client client, PrintWriter out, boolean json, boolean follow) {
    private static final int POLL_MILLIS = 300;

    /**
     * @param of {@code /services/NAME} or {@code /jobs/NAME}
     * @param lines the most to begin with
     * @param source whom a line is from; empty for one that is passed over
     */
    void print(String of, int lines, Function<LogPage.Line, Optional<String>> source)
            throws Exception {
        String cursor = "";
        do {
            LogPage page =
                    client.get(
                            of + "/logs?most=" + lines + "&cursor=" + Client.encode(cursor),
                            LogPage.class);
            for (LogPage.Line line : page.lines()) {
                Optional<String> from = source.apply(line);
                if (from.isPresent()) {
                    out.println(
                            json
                                    ? Client.JSON.writeValueAsString(line)
                                    : from.get() + "  " + line.text());
                }
            }
            cursor = page.cursor();
            if (follow && page.lines().isEmpty()) {
                Thread.sleep(POLL_MILLIS);
            }
        } while (follow);
    }
}
