package dev.hearth.catalog.store;

import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.TaskTemplate;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A row of {@code executions}. */
@Entity
@Table(name = "executions")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class ExecutionRow {
    @Id String name;

    String project;
    String job;
    UUID uid;

    @JdbcTypeCode(SqlTypes.JSON)
    TemplateColumn template;

    String state;
    String message;
    int succeeded;
    int failed;
    int cancelled;
    int retried;

    @Column(name = "scheduled_for")
    @Nullable Instant scheduledFor;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "started_at")
    @Nullable Instant startedAt;

    @Column(name = "completed_at")
    @Nullable Instant completedAt;

    String owner;

    @Column(name = "owned_until")
    Instant ownedUntil;

    /** For Hibernate. */
    ExecutionRow() {}

    /** The row of an execution that begins. */
    ExecutionRow(
            ExecutionName name,
            JobName job,
            TaskTemplate template,
            Instant at,
            Optional<Instant> scheduledFor) {
        this.name = name.value();
        this.project = job.project().value();
        this.job = job.label();
        this.uid = UUID.randomUUID();
        this.template = TemplateColumn.of(template);
        this.state = Execution.State.RUNNING.word();
        this.message = "";
        this.scheduledFor = scheduledFor.orElse(null);
        this.createdAt = at;
        this.owner = "";
        this.ownedUntil = at;
    }

    /** Whose it is. */
    ServiceKey of() {
        return new ServiceKey(project, job);
    }

    boolean isOver() {
        return completedAt != null;
    }

    /**
     * @param now how many tasks are where, while it is not over
     */
    Execution view(Optional<Execution.Counts> now) {
        return new Execution(
                new ExecutionName(name),
                of().job(),
                uid,
                template.value(),
                Execution.State.valueOf(state.toUpperCase(Locale.ROOT)),
                now.orElseGet(
                        () -> new Execution.Counts(0, 0, succeeded, failed, cancelled, retried)),
                createdAt,
                Optional.ofNullable(startedAt),
                Optional.ofNullable(completedAt),
                message,
                Optional.ofNullable(scheduledFor));
    }
}
