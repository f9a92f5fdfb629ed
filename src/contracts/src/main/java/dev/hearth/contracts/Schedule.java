package dev.hearth.contracts;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * When a job runs by itself.
 *
 * @param zone whose clocks it goes by
 */
public record Schedule(Cron cron, ZoneId zone) {
    /**
     * The schedule of these words; throws INVALID {@code invalid-schedule}, {@code invalid-zone}.
     *
     * @param zone an IANA time zone, such as {@code Europe/Berlin}; {@code UTC} when empty
     */
    public static Schedule parse(String cron, String zone) {
        Cron parsed = Cron.parse(cron);
        try {
            return new Schedule(parsed, ZoneId.of(zone.isEmpty() ? "UTC" : zone));
        } catch (DateTimeException e) {
            throw HearthException.invalid(
                    "invalid-zone",
                    "time zone \""
                            + (zone.length() <= 64 ? zone : zone.substring(0, 61) + "...")
                            + "\" is not known; use one such as Europe/Berlin or UTC");
        }
    }

    /** The first time after an instant; empty only beyond what calendars have. */
    public Optional<Instant> next(Instant after) {
        return cron.next(after, zone);
    }
}
