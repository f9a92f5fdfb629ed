package dev.hearth.contracts;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Calendar months in UTC, which invoices and budgets are by. */
public final class Months {
    private Months() {}

    /** When the month of a moment began. */
    public static Instant begin(Instant at) {
        return first(at).toInstant();
    }

    /** When the month after a moment begins. */
    public static Instant nextBegin(Instant at) {
        return first(at).plusMonths(1).toInstant();
    }

    private static OffsetDateTime first(Instant at) {
        return at.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
    }
}
