package dev.hearth.catalog.store;

import java.time.Instant;
import java.time.OffsetDateTime;

/** What native queries give for columns. */
final class Columns {
    private Columns() {}

    /** Of a timestamptz. */
    static Instant instant(Object column) {
        return switch (column) {
            case Instant instant -> instant;
            case OffsetDateTime time -> time.toInstant();
            default -> throw new IllegalStateException("no time: " + column.getClass());
        };
    }
}
