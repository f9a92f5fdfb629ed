package dev.hearth.catalog.store;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficTarget;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A row of {@code services}. */
@Entity
@Table(name = "services")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class ServiceRow {
    @EmbeddedId ServiceKey key;

    /** The highest number ever given to a revision, failed deploys included. */
    @Column(name = "last_number")
    int lastNumber;

    /** Of the newest revision that worked. */
    @Column(name = "latest_number")
    int latestNumber;

    @JdbcTypeCode(SqlTypes.JSON)
    TrafficColumn traffic;

    /** Of this service and no other that had or will have its name. */
    UUID uid;

    /** Counts changes from 1. */
    long generation;

    @JdbcTypeCode(SqlTypes.JSON)
    MetadataColumn metadata;

    String invokers;
    String budget;

    @Column(name = "min_instances")
    int minInstances;

    @Column(name = "max_instances")
    int maxInstances;

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
        this.uid = UUID.randomUUID();
        this.metadata = MetadataColumn.of(Metadata.NONE);
        this.traffic = TrafficColumn.of(TrafficTarget.ALL_TO_LATEST);
        this.invokers = Invokers.ANYONE.word();
        this.budget = Budget.NONE.toString();
    }

    /** From now on this revision is the latest. */
    void add(int number, List<TrafficTarget> targets, Instant at) {
        lastNumber = Math.max(lastNumber, number);
        latestNumber = number;
        share(targets, at);
    }

    /** From now on its requests go there. */
    void share(List<TrafficTarget> targets, Instant at) {
        traffic = TrafficColumn.of(targets);
        changed(at);
    }

    /** From now on it is held against another budget. */
    void hold(Budget wanted, Instant at) {
        budget = wanted.toString();
        changed(at);
    }

    /** All of a change but its traffic, which depends on the revisions. */
    void change(ServiceChange wanted) {
        wanted.invokers().ifPresent(who -> invokers = who.word());
        wanted.metadata().ifPresent(what -> metadata = MetadataColumn.of(what));
        wanted.bounds()
                .ifPresent(
                        bounds -> {
                            minInstances = bounds.min();
                            maxInstances = bounds.max();
                        });
    }

    /**
     * Changed by somebody, but in nothing that others have to have seen before they change it: who
     * may call it is decided apart from what it is.
     */
    void touched(Instant at) {
        updatedAt = at;
    }

    private void changed(Instant at) {
        generation++;
        updatedAt = at;
    }

    ServiceVersion version() {
        return new ServiceVersion(uid, generation);
    }

    /** Whether it cannot do without a revision. */
    boolean needs(RevisionRow revision) {
        return revision.number == latestNumber
                || traffic.targets().stream().anyMatch(t -> revision.name.equals(t.revision()));
    }
}
