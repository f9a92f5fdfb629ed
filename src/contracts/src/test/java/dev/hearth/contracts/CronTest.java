package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final List<ZoneId> ZONES =
            List.of(
                    ZoneOffset.UTC,
                    BERLIN,
                    ZoneId.of("America/New_York"),
                    ZoneId.of("Asia/Kathmandu"),
                    ZoneId.of("Australia/Lord_Howe")); // puts its clocks by half an hour

    private static Instant next(String cron, String after, ZoneId zone) {
        return Cron.parse(cron).next(Instant.parse(after), zone).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * * *       | 2026-01-01T00:00:00Z | 2026-01-01T00:01:00Z",
                "* * * * *       | 2026-01-01T00:00:59.9Z | 2026-01-01T00:01:00Z",
                "*/15 * * * *    | 2026-01-01T00:45:00Z | 2026-01-01T01:00:00Z",
                "5/20 * * * *    | 2026-01-01T00:05:00Z | 2026-01-01T00:25:00Z",
                "30 4 * * *      | 2026-01-01T04:30:00Z | 2026-01-02T04:30:00Z",
                "0 9-17/4 * * mon-fri | 2026-11-27T17:30:00Z | 2026-11-30T09:00:00Z",
                "0 0 1,15 * *    | 2026-02-15T00:00:00Z | 2026-03-01T00:00:00Z",
                "0 0 13 * fri    | 2026-02-28T00:00:00Z | 2026-03-06T00:00:00Z",
                "0 0 31 * *      | 2026-03-31T00:00:00Z | 2026-05-31T00:00:00Z",
                "0 0 29 2 *      | 2097-01-01T00:00:00Z | 2104-02-29T00:00:00Z",
                "0 12 * JAN Sun  | 2026-11-28T00:00:00Z | 2027-01-03T12:00:00Z",
                "0 12 * * 7      | 2026-11-28T00:00:00Z | 2026-11-29T12:00:00Z",
            })
    void next_ofUsualSchedules_isTheOneOfCrontab(String cron, String after, String expected) {
        assertThat(next(cron, after, ZoneOffset.UTC)).isEqualTo(Instant.parse(expected));
    }

    @Test
    void next_whereClocksArePutForward_comesAtTheEndOfTheGapOnce() {
        // 29 March 2026 in Berlin: 01:59 CET is followed by 03:00 CEST
        assertThat(next("30 2 * * *", "2026-03-28T12:00:00Z", BERLIN))
                .isEqualTo(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(next("30 2 * * *", "2026-03-29T01:00:00Z", BERLIN))
                .isEqualTo(Instant.parse("2026-03-30T00:30:00Z"));
    }

    @Test
    void next_whereClocksArePutBack_countsOnceButEveryHour() {
        // 25 October 2026 in Berlin: 02:00 to 03:00 comes twice
        assertThat(next("30 2 * * *", "2026-10-25T00:00:00Z", BERLIN))
                .isEqualTo(Instant.parse("2026-10-25T00:30:00Z"));
        assertThat(next("30 2 * * *", "2026-10-25T00:30:00Z", BERLIN))
                .isEqualTo(Instant.parse("2026-10-26T01:30:00Z"));
        assertThat(next("30 * * * *", "2026-10-25T00:30:00Z", BERLIN))
                .isEqualTo(Instant.parse("2026-10-25T01:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "5-1 * * * *",
                "*/0 * * * *",
                "a * * * *",
                "1,,2 * * * *",
                "1-2-3 * * * *",
                "*/5/5 * * * *",
                "-1 * * * *",
                "0 0 30 2 *",
                "0 0 31 4,6 *"
            })
    void parse_whatIsNone_saysSo(String text) {
        assertThatThrownBy(() -> Cron.parse(text))
                .isInstanceOf(HearthException.class)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("invalid-schedule");
    }

    private static String field(Random random, int least, int most) {
        int from = least + random.nextInt(most - least + 1);
        int to = from + random.nextInt(most - from + 1);
        return switch (random.nextInt(5)) {
            case 0, 1 -> "*";
            case 2 -> Integer.toString(from);
            case 3 -> from + "-" + to;
            default -> "*/" + (1 + random.nextInt(most));
        };
    }

    /** Days that come often, so that looking minute by minute ends. */
    private static String schedule(Random random) {
        return field(random, 0, 59)
                + " "
                + field(random, 0, 23)
                + " * * "
                + (random.nextBoolean() ? "*" : field(random, 0, 6));
    }

    /** Around the days when clocks are put forward and back, too. */
    private static Instant moment(Random random) {
        return Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(366 * 86_400));
    }

    /** Minute by minute, by the clocks of a zone whose clocks are never put. */
    @Test
    void next_anySchedule_isTheFirstMinuteThatMatches() {
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            Cron cron = Cron.parse(schedule(random));
            Instant after = moment(random);
            Instant minute = Instant.ofEpochSecond(after.getEpochSecond() / 60 * 60 + 60);
            while (!cron.matches(minute, ZoneOffset.UTC)) {
                minute = minute.plusSeconds(60);
            }
            assertThat(cron.next(after, ZoneOffset.UTC))
                    .as("%s after %s", cron, after)
                    .isEqualTo(Optional.of(minute));
        }
    }

    /** Whatever the clocks do: later, as shown or at the end of a gap, and none in between. */
    @Test
    void next_anyZone_isLaterAndSkipsNothing() {
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            Cron cron = Cron.parse(schedule(random));
            ZoneId zone = ZONES.get(random.nextInt(ZONES.size()));
            Instant after = moment(random);
            Instant next = cron.next(after, zone).orElseThrow();
            boolean endsGap =
                    Optional.ofNullable(zone.getRules().previousTransition(next.plusSeconds(1)))
                            .filter(t -> t.isGap() && t.getInstant().equals(next))
                            .isPresent();
            assertThat(next).as("%s in %s", cron, zone).isAfter(after);
            assertThat(cron.matches(next, zone) || endsGap)
                    .as("%s at %s in %s", cron, next, zone)
                    .isTrue();
            // from any moment before it, it is the next, too
            long between = Duration.between(after, next).toSeconds();
            Instant other = after.plusSeconds(between == 0 ? 0 : random.nextLong(between));
            assertThat(cron.next(other, zone)).isEqualTo(Optional.of(next));
        }
    }

    @Test
    void toString_isReadAgainAsTheSame() {
        Cron cron = Cron.parse("  30   4 *  * MON-FRI ");
        assertThat(cron.toString()).isEqualTo("30 4 * * mon-fri");
        assertThat(Cron.parse(cron.toString())).isEqualTo(cron);
    }
}
