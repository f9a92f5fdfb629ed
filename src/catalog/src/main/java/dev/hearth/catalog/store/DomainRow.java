package dev.hearth.catalog.store;

import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A row of {@code domains}. */
@Entity
@Immutable
@Table(name = "domains")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class DomainRow {
    @Id String name;

    String project;
    String service;

    @Column(name = "created_at")
    Instant createdAt;

    /** For Hibernate. */
    DomainRow() {}

    /** The row of a domain that nobody has yet. */
    DomainRow(DomainName domain, ServiceKey key, Instant createdAt) {
        this.name = domain.value();
        this.project = key.project();
        this.service = key.name();
        this.createdAt = createdAt;
    }

    /** Whom it leads to. */
    ServiceKey of() {
        return new ServiceKey(project, service);
    }

    DomainMapping mapping() {
        return new DomainMapping(new DomainName(name), of().service(), createdAt);
    }
}
