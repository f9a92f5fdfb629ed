package dev.hearth.contracts;

import java.time.Instant;
import java.util.Optional;

/**
 * A job as the catalog knows it.
 *
 * @param version of what is told here
 * @param template of its next execution
 * @param schedule when it runs by itself
 * @param nextRun by that schedule
 * @param executions that are kept
 * @param latest the newest of them
 */
public record Job(
        JobName name,
        ServiceVersion version,
        Metadata metadata,
        TaskTemplate template,
        Optional<Schedule> schedule,
        Optional<Instant> nextRun,
        int executions,
        Optional<Execution> latest,
        Instant createdAt,
        Instant updatedAt) {}
