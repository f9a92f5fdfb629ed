package dev.hearth.runtime.machine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the guest said of each check, read from its console. */
record ConsoleReport(Map<String, String> outcomes, String lastLines) {
    static final String PASSED = "passed";
    static final String FAILED = "failed: ";

    private static final int LINES_SHOWN = 15;
    private static final Pattern LINE = Pattern.compile("CHECK (\\w+) \\[\\d+ ms\\] (.*)");

    static String line(String check, String outcome, long millis) {
        return "CHECK " + check + " [" + millis + " ms] " + outcome.replaceAll("\\s+", " ");
    }

    static ConsoleReport of(List<String> console) {
        Map<String, String> outcomes = new HashMap<>();
        for (String line : console) {
            Matcher m = LINE.matcher(line);
            if (m.find()) {
                outcomes.put(m.group(1), m.group(2).strip());
            }
        }
        return new ConsoleReport(outcomes, last(console));
    }

    private static String last(List<String> console) {
        int first = Math.max(0, console.size() - LINES_SHOWN);
        return String.join("\n", console.subList(first, console.size()));
    }
}
