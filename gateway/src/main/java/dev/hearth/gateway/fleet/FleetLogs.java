package dev.hearth.gateway.fleet;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.LogPage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A service's log on several nodes as one: its cursor is made of theirs. The lines of a node are in
 * their order; between nodes there is none.
 */
final class FleetLogs {
    private static final int MOST_NODES = 10_000;

    /** As a node's own page has. */
    private static final int MOST_LINES = 10_000;

    private static final int MOST_CHARACTERS = 2 << 20;

    private final Map<String, String> cursors;
    private final boolean goesOn;
    private final Deque<LogPage.Line> lines = new ArrayDeque<>();
    private long characters;

    private FleetLogs(Map<String, String> cursors) {
        this.cursors = cursors;
        this.goesOn = !cursors.isEmpty();
    }

    /** Reads a cursor; throws INVALID {@code invalid-cursor}. */
    static FleetLogs parse(String cursor) {
        Map<String, String> cursors = new TreeMap<>();
        for (String part : cursor.isEmpty() ? new String[0] : cursor.split("~", MOST_NODES)) {
            int at = part.indexOf('=');
            if (at < 1) {
                throw invalid();
            }
            try {
                cursors.put(
                        part.substring(0, at),
                        new String(
                                Base64.getUrlDecoder().decode(part.substring(at + 1)),
                                StandardCharsets.UTF_8));
            } catch (IllegalArgumentException notBase64) {
                throw invalid();
            }
        }
        return new FleetLogs(cursors);
    }

    private static HearthException invalid() {
        return HearthException.invalid(
                "invalid-cursor", "the log cursor is not one that this platform gave out");
    }

    /** A node's own cursor; empty when there is none. */
    String of(String node) {
        return cursors.getOrDefault(node, "");
    }

    /**
     * What a node answered. Of the last lines, which a log begins with, the first of too many are
     * left out; what a cursor goes on with is never.
     */
    void add(String node, LogPage page) {
        for (LogPage.Line line : page.lines()) {
            lines.add(line);
            characters += line.text().length();
        }
        while (!goesOn && isOver() && lines.size() > 1) {
            characters -= lines.removeFirst().text().length();
        }
        cursors.put(node, page.cursor());
    }

    private boolean isOver() {
        return lines.size() > MOST_LINES || characters > MOST_CHARACTERS;
    }

    /** Whether the nodes that were not asked yet are to be asked with the next page. */
    boolean isFull() {
        return goesOn && (lines.size() >= MOST_LINES || characters >= MOST_CHARACTERS);
    }

    LogPage page() {
        List<String> parts = new ArrayList<>();
        cursors.forEach(
                (node, cursor) ->
                        parts.add(
                                node
                                        + "="
                                        + Base64.getUrlEncoder()
                                                .withoutPadding()
                                                .encodeToString(
                                                        cursor.getBytes(StandardCharsets.UTF_8))));
        return new LogPage(List.copyOf(lines), String.join("~", parts));
    }
}
