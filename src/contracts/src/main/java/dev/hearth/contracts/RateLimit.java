package dev.hearth.contracts;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many requests may come in: {@code requests} for each {@code per}, evenly, after a first
 * {@code burst} at once; in any time of length t at most burst + t × requests / per.
 *
 * <p>Written {@code 100/s}, {@code 30/m}, {@code 500/h}, {@code 100} (a second), or {@code
 * 100/s,burst=20}; without a burst all of one period's requests may come at once. {@code none} is
 * no limit.
 *
 * @param requests 0 for no limit
 * @param per a second, a minute or an hour
 */
public record RateLimit(int requests, Duration per, int burst) {
    /** The most of either number; more than one machine's gateway can take in a second. */
    public static final int MOST = 1_000_000;

    /** No limit. */
    public static final RateLimit NONE = new RateLimit(0, Duration.ofSeconds(1), 0);

    private static final Pattern FORM =
            Pattern.compile("(\\d{1,9})(?:/([smh]))?(?:,burst=(\\d{1,9}))?");

    /** Throws INVALID {@code invalid-rate-limit} when a number is out of range. */
    public RateLimit {
        boolean none = requests == 0 && burst == 0;
        check(none || requests >= 1 && requests <= MOST, requests + " requests");
        check(none || burst >= 1 && burst <= MOST, "a burst of " + burst);
        if (unit(per).isEmpty()) {
            throw HearthException.invalid(
                    "invalid-rate-limit",
                    "rate limit per " + Durations.format(per) + " is not per 1s, 1m or 1h");
        }
    }

    private static void check(boolean fine, String what) {
        if (!fine) {
            throw HearthException.invalid(
                    "invalid-rate-limit",
                    "rate limit of "
                            + what
                            + " is not between 1 and "
                            + MOST
                            + "; none is no limit");
        }
    }

    /** The limit written as {@code text}; throws INVALID {@code invalid-rate-limit} otherwise. */
    public static RateLimit parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw HearthException.invalid(
                    "invalid-rate-limit",
                    "rate limit \""
                            + text
                            + "\" is none of: none, or a number with /s, /m or /h such as 100/s or"
                            + " 30/m,burst=5");
        }
        int requests = Integer.parseInt(m.group(1));
        check(requests > 0, requests + " requests");
        String unit = m.group(2) == null ? "s" : m.group(2);
        Duration per =
                switch (unit) {
                    case "m" -> Duration.ofMinutes(1);
                    case "h" -> Duration.ofHours(1);
                    default -> Duration.ofSeconds(1);
                };
        return new RateLimit(
                requests, per, m.group(3) == null ? requests : Integer.parseInt(m.group(3)));
    }

    public boolean unlimited() {
        return requests == 0;
    }

    private static String unit(Duration per) {
        return switch ((int) Math.min(per.toMillis(), Integer.MAX_VALUE)) {
            case 1_000 -> "s";
            case 60_000 -> "m";
            case 3_600_000 -> "h";
            default -> "";
        };
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        if (unlimited()) {
            return "none";
        }
        return requests + "/" + unit(per) + (burst == requests ? "" : ",burst=" + burst);
    }
}
