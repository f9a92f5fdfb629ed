package dev.hearth.catalog.store;

import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TaskTemplate;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A row of {@code jobs}. */
@Entity
@Table(name = "jobs")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class JobRow {
    @EmbeddedId ServiceKey key;

    /** Of this job and no other that had or will have its name. */
    UUID uid;

    /** Counts changes from 1. */
    long generation;

    @JdbcTypeCode(SqlTypes.JSON)
    MetadataColumn metadata;

    @JdbcTypeCode(SqlTypes.JSON)
    TemplateColumn template;

    /** Five fields, or empty. */
    String schedule;

    String zone;

    @Column(name = "next_run")
    @Nullable Instant nextRun;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "updated_at")
    Instant updatedAt;

    /** For Hibernate. */
    JobRow() {}

    /** The row of a job that does not exist yet. */
    JobRow(ServiceKey key, Instant createdAt) {
        this.key = key;
        this.createdAt = createdAt;
        this.uid = UUID.randomUUID();
    }

    /** From now on it is as it is wanted. */
    void change(JobRequest wanted, TaskTemplate found, Instant at) {
        boolean sameTimes = schedule().equals(wanted.schedule());
        metadata = MetadataColumn.of(wanted.metadata());
        template = TemplateColumn.of(found);
        schedule = wanted.schedule().map(s -> s.cron().toString()).orElse("");
        zone = wanted.schedule().map(s -> s.zone().getId()).orElse("");
        if (!sameTimes) {
            nextRun = wanted.schedule().flatMap(s -> s.next(at)).orElse(null);
        }
        generation++;
        updatedAt = at;
    }

    Optional<Schedule> schedule() {
        return schedule == null || schedule.isEmpty()
                ? Optional.empty()
                : Optional.of(Schedule.parse(schedule, zone));
    }

    ServiceVersion version() {
        return new ServiceVersion(uid, generation);
    }
}
