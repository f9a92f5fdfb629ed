package dev.hearth.gateway.job;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an attempt is billed for: the time from its start to its end, rounded up to 100 ms, and a
 * minute at least. Each attempt is a meter of its own, whose id follows from its name: whoever
 * tells of it, and however often, the same is counted once. Pure.
 */
final class JobUsage {
    static final long LEAST_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final long SLICE_MILLIS = 100;

    /** An attempt's name ends with its task's number and its own. */
    private static final Pattern TASK = Pattern.compile("-(\\d{1,9})-(\\d{1,9})(?:\\.|$)");

    private JobUsage() {}

    private static int status(Report report) {
        return report.ending().map(Ending::cause).orElse(null) instanceof ExitCause.Exited exited
                ? exited.status()
                : UsageRecord.NO_STATUS;
    }

    /** A record of an attempt so far; empty when there is nothing to bill. */
    static Optional<UsageRecord> of(Report report, Instant now) {
        Optional<Attempts.Owner> owner = Attempts.owner(report.attempt());
        boolean never =
                report.ending().map(Ending::cause).orElse(null) instanceof ExitCause.NotStarted;
        if (owner.isEmpty() || never) {
            return Optional.empty();
        }
        long ran = Math.max(0, report.ranMillis());
        boolean over = report.ending().isPresent();
        long slices = (ran + SLICE_MILLIS - 1) / SLICE_MILLIS * SLICE_MILLIS;
        String key = report.attempt() + "/" + report.begunAt();
        Matcher task = TASK.matcher(report.attempt().label());
        if (!task.find()) {
            return Optional.empty(); // no name of an attempt: it has no owner either
        }
        return Optional.of(
                new UsageRecord(
                                Topics.SCHEMA,
                                UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8))
                                        .toString(),
                                // later ones are larger, whichever gateway tells
                                over ? Long.MAX_VALUE : ran + 1,
                                owner.get().job().project().value(),
                                owner.get().job().asService().label(),
                                owner.get().execution().label(),
                                now.toEpochMilli(),
                                report.cpuMillis(),
                                report.memoryBytes(),
                                0,
                                over ? Math.max(LEAST_MILLIS, slices) : slices,
                                0,
                                0,
                                true)
                        .of(
                                Integer.parseInt(task.group(1)),
                                Integer.parseInt(task.group(2)),
                                report.begunAt().toEpochMilli(),
                                ran,
                                status(report)));
    }
}
