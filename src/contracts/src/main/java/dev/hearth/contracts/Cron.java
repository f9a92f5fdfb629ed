package dev.hearth.contracts;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneRules;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Times in crontab(5)'s five fields: minute, hour, day of the month, month, day of the week. A
 * field is {@code *} or a list of numbers, names and ranges, each with a step if need be. When both
 * days are restricted either will do.
 *
 * <p>Clocks that are put forward: what would have come in the hour that is left out comes at its
 * end, once. Clocks that are put back: a time that comes twice counts the first time, but both
 * times where every hour does.
 */
public final class Cron {
    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> DAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /** 29 February may be eight years away (1896 to 1904), and on one day of the week only 40. */
    private static final int MOST_YEARS = 41;

    private static final int LONGEST = 200;

    private final String text;
    private final Field minutes;
    private final Field hours;
    private final Field days;
    private final Field months;
    private final Field weekdays;

    /**
     * What one field allows.
     *
     * @param any whether it is {@code *}, without a step
     */
    private record Field(BitSet values, boolean any) {
        boolean has(int value) {
            return values.get(value);
        }
    }

    private Cron(String text) {
        this.text = text;
        String[] fields = text.split(" ");
        minutes = field(fields[0], "minute", 0, 59, List.of(), 0);
        hours = field(fields[1], "hour", 0, 23, List.of(), 0);
        days = field(fields[2], "day of the month", 1, 31, List.of(), 0);
        months = field(fields[3], "month", 1, 12, MONTHS, 1);
        weekdays = field(fields[4], "day of the week", 0, 7, DAYS, 0);
        if (weekdays.has(7)) {
            weekdays.values.set(0);
        }
    }

    /**
     * The times of a text such as {@code 30 4 * * mon-fri}; throws INVALID {@code
     * invalid-schedule}, for days that never come, too.
     */
    public static Cron parse(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        if (plain.length() > LONGEST || plain.split(" ").length != 5) {
            throw invalid(
                    "a schedule has five fields (minute, hour, day of the month, month, day of the"
                            + " week), such as \"30 4 * * mon-fri\"");
        }
        Cron cron = new Cron(plain);
        if (cron.next(Instant.EPOCH, ZoneOffset.UTC).isEmpty()) {
            throw invalid("the schedule \"" + plain + "\" names a day that never comes");
        }
        return cron;
    }

    private static HearthException invalid(String why) {
        return HearthException.invalid("invalid-schedule", why);
    }

    private static Field field(
            String text, String what, int least, int most, List<String> names, int first) {
        BitSet values = new BitSet();
        for (String part : text.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String range = stepped[0];
            int step = stepped.length == 2 ? number(stepped[1], what, 1, most) : 1;
            int from = least;
            int to = most;
            if (stepped.length > 2) {
                throw invalid("\"" + part + "\" is no " + what + " of a schedule");
            }
            if (!range.equals("*")) {
                String[] ends = range.split("-", -1);
                from = value(ends[0], what, least, most, names, first);
                // "5/15" is from 5 on, as many programs have it
                to = ends.length == 1 && stepped.length == 2 ? most : from;
                if (ends.length == 2) {
                    to = value(ends[1], what, least, most, names, first);
                }
                if (ends.length > 2 || to < from) {
                    throw invalid("\"" + part + "\" is no range for the " + what);
                }
            }
            for (int i = from; i <= to; i += step) {
                values.set(i);
            }
        }
        return new Field(values, text.equals("*"));
    }

    private static int value(
            String text, String what, int least, int most, List<String> names, int first) {
        int named = names.indexOf(text);
        return named >= 0 ? named + first : number(text, what, least, most);
    }

    private static int number(String text, String what, int least, int most) {
        if (text.matches("\\d{1,4}")) {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        }
        throw invalid(
                "\""
                        + text
                        + "\" is no "
                        + what
                        + " of a schedule: that is "
                        + least
                        + " to "
                        + most);
    }

    /**
     * The first time after an instant, by a zone's clocks; empty when there is none in 41 years.
     */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        LocalDate first = after.atZone(zone).toLocalDate();
        LocalDate last = first.plusYears(MOST_YEARS);
        for (LocalDate day = first; day.isBefore(last); day = day.plusDays(1)) {
            if (!months.has(day.getMonthValue())) {
                day = day.withDayOfMonth(day.lengthOfMonth());
            } else if (isOn(day)) {
                Instant found = times(day, rules).higher(after);
                if (found != null) {
                    return Optional.of(found);
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOn(LocalDate day) {
        boolean byDate = days.has(day.getDayOfMonth());
        boolean byWeekday = weekdays.has(day.getDayOfWeek().getValue() % 7);
        return days.any || weekdays.any ? byDate && byWeekday : byDate || byWeekday;
    }

    private TreeSet<Instant> times(LocalDate day, ZoneRules rules) {
        TreeSet<Instant> times = new TreeSet<>();
        for (int hour = 0; hour < 24; hour++) {
            for (int minute = 0; hours.has(hour) && minute < 60; minute++) {
                if (minutes.has(minute)) {
                    add(day.atTime(hour, minute), rules, times);
                }
            }
        }
        return times;
    }

    private void add(LocalDateTime time, ZoneRules rules, TreeSet<Instant> times) {
        List<ZoneOffset> offsets = rules.getValidOffsets(time);
        if (offsets.isEmpty()) {
            times.add(rules.getTransition(time).getInstant());
        } else {
            times.add(time.toInstant(offsets.getFirst()));
            if (hours.any && offsets.size() > 1) {
                times.add(time.toInstant(offsets.getLast()));
            }
        }
    }

    /** Whether a minute is one of these times, by a zone's clocks as they show it. */
    public boolean matches(Instant at, ZoneId zone) {
        LocalDateTime time = at.atZone(zone).toLocalDateTime();
        return time.truncatedTo(ChronoUnit.MINUTES).equals(time)
                && months.has(time.getMonthValue())
                && isOn(time.toLocalDate())
                && hours.has(time.getHour())
                && minutes.has(time.getMinute());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cron cron && cron.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
