package dev.hearth.catalog.store;

import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code services}. */
@Entity
@Table(name = "services")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class ServiceRow {
    @EmbeddedId ServiceKey key;

    /** The highest number ever given to a revision, failed deploys included. */
    @Column(name = "last_number")
    int lastNumber;

    @Column(name = "serving_number")
    int servingNumber;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "updated_at")
    Instant updatedAt;

    /** For Hibernate. */
    ServiceRow() {}

    /** The row of a service that does not exist yet. */
    ServiceRow(ServiceKey key, Instant createdAt) {
        this.key = key;
        this.createdAt = createdAt;
    }

    /** From now on this revision serves. */
    void serve(int number, Instant at) {
        lastNumber = Math.max(lastNumber, number);
        servingNumber = number;
        updatedAt = at;
    }
}
