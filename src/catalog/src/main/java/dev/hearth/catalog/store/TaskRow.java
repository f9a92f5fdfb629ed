package dev.hearth.catalog.store;

import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.Task;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row of {@code tasks}. */
@Entity
@Table(name = "tasks")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class TaskRow {
    @EmbeddedId TaskKey key;

    String state;
    int attempt;
    String node;
    String instance;

    @Column(name = "started_at")
    @Nullable Instant startedAt;

    @Column(name = "completed_at")
    @Nullable Instant completedAt;

    @Column(name = "exit_code")
    @Nullable Integer exitCode;

    String message;

    @Column(name = "not_before")
    @Nullable Instant notBefore;

    /** For Hibernate. */
    TaskRow() {}

    Task view() {
        return new Task(
                new ExecutionName(key.execution()),
                key.number(),
                Task.State.valueOf(state.toUpperCase(Locale.ROOT)),
                attempt,
                node,
                instance,
                Optional.ofNullable(startedAt),
                Optional.ofNullable(completedAt),
                Optional.ofNullable(exitCode),
                message,
                Optional.ofNullable(notBefore));
    }
}
