package dev.hearth.runtime.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A report as its file has it: JSON, of which what is not known is passed over.
 *
 * @param instance null until it has one
 * @param begunAt ISO-8601, as all times
 * @param end null while it runs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record StoredReport(
        String attempt,
        @Nullable String instance,
        int cpuMillis,
        long memoryBytes,
        String begunAt,
        long ranMillis,
        @Nullable End end) {
    private static final String EXITED = "exited";
    private static final String KILLED = "killed";
    private static final String OUT_OF_MEMORY = "out-of-memory";
    private static final String NOT_STARTED = "not-started";
    private static final String STOPPED = "stopped";
    private static final String UNWATCHED = "unwatched";

    /**
     * How it ended.
     *
     * @param cause which of {@link ExitCause}
     * @param number status or signal, or bytes that it might use
     * @param peak bytes that it used
     * @param text reason or sentence
     */
    record End(String cause, long number, long peak, String text, String at) {
        static End of(Ending ending) {
            String at = ending.at().toString();
            return switch (ending.cause()) {
                case ExitCause.Exited e -> new End(EXITED, e.status(), 0, "", at);
                case ExitCause.Killed k -> new End(KILLED, k.signal(), 0, "", at);
                case ExitCause.OutOfMemory o ->
                        new End(OUT_OF_MEMORY, o.limitBytes(), o.peakBytes(), "", at);
                case ExitCause.NotStarted n -> new End(NOT_STARTED, 0, 0, n.why(), at);
                case ExitCause.Stopped s -> new End(STOPPED, 0, 0, s.reason().name(), at);
                case ExitCause.Unwatched _, ExitCause.NodeLost _ ->
                        new End(UNWATCHED, 0, 0, "", at);
            };
        }

        Ending ending() {
            ExitCause known =
                    switch (cause) {
                        case EXITED -> new ExitCause.Exited((int) number);
                        case KILLED -> new ExitCause.Killed((int) number);
                        case OUT_OF_MEMORY -> new ExitCause.OutOfMemory(number, peak);
                        case NOT_STARTED -> new ExitCause.NotStarted(text);
                        case STOPPED -> new ExitCause.Stopped(StopReason.valueOf(text));
                        default -> new ExitCause.Unwatched(); // is at least an end
                    };
            return new Ending(known, Instant.parse(at));
        }
    }

    static StoredReport of(Report report) {
        return new StoredReport(
                report.attempt().value(),
                report.instance().map(InstanceId::value).orElse(null),
                report.cpuMillis(),
                report.memoryBytes(),
                report.begunAt().toString(),
                report.ranMillis(),
                report.ending().map(End::of).orElse(null));
    }

    /** Throws IllegalArgumentException, DateTimeException or HearthException for what is none. */
    Report report() {
        return new Report(
                new RevisionName(attempt),
                Optional.ofNullable(instance).map(InstanceId::new),
                cpuMillis,
                memoryBytes,
                Instant.parse(begunAt),
                ranMillis,
                Optional.ofNullable(end).map(End::ending));
    }
}
