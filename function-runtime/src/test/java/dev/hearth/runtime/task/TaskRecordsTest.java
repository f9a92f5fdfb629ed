package dev.hearth.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskRecordsTest {
    private static final Instant AT = Instant.parse("2026-11-28T10:00:00.123456Z");

    @TempDir Path directory;

    private static Report report(int index, Optional<ExitCause> cause) {
        return new Report(
                new RevisionName("nightly-abcde-" + index + "-0"),
                cause.map(c -> new InstanceId("i-aaaaaaaaaaab")),
                500,
                1 << 20,
                AT,
                1234,
                cause.map(c -> new Ending(c, AT.plusSeconds(3))));
    }

    @Test
    void all_writtenBefore_comeBackAsTheyWere() throws Exception {
        List<Report> reports =
                List.of(
                        report(0, Optional.empty()),
                        report(1, Optional.of(new ExitCause.Exited(3))),
                        report(2, Optional.of(new ExitCause.Killed(9))),
                        report(3, Optional.of(new ExitCause.OutOfMemory(1000, 1001))),
                        report(4, Optional.of(new ExitCause.Unwatched())),
                        report(5, Optional.of(new ExitCause.NotStarted("no \"such\" file"))),
                        report(6, Optional.of(new ExitCause.Stopped(StopReason.TIMED_OUT))));
        TaskRecords records = TaskRecords.open(directory);
        for (Report report : reports) {
            records.write(report);
        }
        assertThat(TaskRecords.open(directory).all()).containsExactlyInAnyOrderElementsOf(reports);
        for (Report report : reports) {
            records.remove(report.attempt());
        }
        assertThat(records.all()).isEmpty();
    }

    @Test
    void all_garbledOrHalfWritten_isLeftOut() throws Exception {
        TaskRecords records = TaskRecords.open(directory);
        Report fine = report(0, Optional.empty());
        records.write(fine);
        Files.writeString(directory.resolve("a.task"), "{\"attempt\":");
        Files.writeString(directory.resolve("b.task"), "{}");
        Files.writeString(directory.resolve("c.task"), "null");
        Files.writeString(directory.resolve("d.new"), "{");
        assertThat(records.all()).containsExactly(fine);
    }
}
