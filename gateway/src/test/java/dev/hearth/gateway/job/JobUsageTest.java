package dev.hearth.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import dev.hearth.contracts.UsageRecord;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobUsageTest {
    private static final Instant BEGUN = Instant.parse("2026-11-28T10:00:00Z");

    private static Report report(long ranMillis, Optional<ExitCause> cause) {
        return new Report(
                new RevisionName("nightly-abcde-7-1"),
                Optional.empty(),
                500,
                1 << 20,
                BEGUN,
                ranMillis,
                cause.map(c -> new Ending(c, BEGUN.plusMillis(ranMillis))));
    }

    private static UsageRecord of(Report report) {
        return JobUsage.of(report, BEGUN.plusSeconds(1000)).orElseThrow();
    }

    @Test
    void ended_wholeTimeRoundedUp_underTheJobsName() {
        UsageRecord record = of(report(61_234, Optional.of(new ExitCause.Exited(1))));

        assertThat(record.billedMillis()).isEqualTo(61_300);
        assertThat(record.service()).isEqualTo("job--nightly");
        assertThat(record.revision()).isEqualTo("nightly-abcde");
        assertThat(record.cpuMillis()).isEqualTo(500);
        assertThat(record.requests()).isZero();
    }

    @Test
    void anyReport_saysWhichAttemptItIs_andHowFarItHasCome() {
        UsageRecord early = of(report(2_000, Optional.empty()));
        assertThat(early.task()).isEqualTo(8); // of index 7
        assertThat(early.attempt()).isEqualTo(1);
        assertThat(early.begunMillis()).isEqualTo(BEGUN.toEpochMilli());
        assertThat(early.ranMillis()).isEqualTo(2_000);
        assertThat(early.status()).isEqualTo(UsageRecord.NO_STATUS);
        assertThat(of(report(3_500, Optional.of(new ExitCause.Exited(3)))).status()).isEqualTo(3);
        assertThat(of(report(3_500, Optional.of(new ExitCause.Killed(9)))).status())
                .isEqualTo(UsageRecord.NO_STATUS);
    }

    @Test
    void ended_soon_aMinuteAtLeast() {
        assertThat(of(report(5, Optional.of(new ExitCause.Exited(0)))).billedMillis())
                .isEqualTo(60_000);
    }

    /** So that it does not matter who tells, how often, and in which order they arrive. */
    @Test
    void anyReport_sameMeter_laterOnesAreLarger() {
        UsageRecord early = of(report(2_000, Optional.empty()));
        UsageRecord later = of(report(3_000, Optional.empty()));
        UsageRecord end = of(report(3_500, Optional.of(new ExitCause.Exited(0))));

        assertThat(early.meter()).isEqualTo(later.meter()).isEqualTo(end.meter());
        assertThat(early.sequence()).isPositive().isLessThan(later.sequence());
        assertThat(later.sequence()).isLessThan(end.sequence());
        assertThat(early.billedMillis()).isLessThan(later.billedMillis());
    }

    @Test
    void neverStarted_freeOfCharge() {
        Report never = report(10, Optional.of(new ExitCause.NotStarted("no command")));
        assertThat(JobUsage.of(never, BEGUN)).isEmpty();
    }
}
