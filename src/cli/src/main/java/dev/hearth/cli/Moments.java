package dev.hearth.cli;

import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** Points in time on the command line. */
final class Moments {
    private Moments() {}

    /** When a month, such as 2026-01, begins (UTC); throws INVALID {@code invalid-time}. */
    static Instant month(String text) {
        try {
            return YearMonth.parse(text).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw HearthException.invalid(
                    "invalid-time", "\"" + text + "\" is not a month such as 2026-01");
        }
    }

    /** A date, or so long ago, in ISO-8601; throws INVALID {@code invalid-time}. */
    static String parse(String text) {
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeException notADate) {
            try {
                return Instant.now().minus(Durations.parse(text)).toString();
            } catch (HearthException neither) {
                throw HearthException.invalid(
                        "invalid-time",
                        "\""
                                + text
                                + "\" is neither a time such as 2026-01-31T12:00:00Z nor how long ago"
                                + " it was, such as 5m");
            }
        }
    }
}
