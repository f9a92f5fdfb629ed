package dev.hearth.catalog.store;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A row of {@code revisions}. */
@Entity
@Immutable
@Table(name = "revisions")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class RevisionRow {
    @Id String name;

    String project;
    String service;
    int number;
    String image;
    String digest;

    @JdbcTypeCode(SqlTypes.JSON)
    ContainerColumn container;

    @Column(name = "cpu_millis")
    int cpuMillis;

    @Column(name = "cpu_limit_millis")
    int cpuLimitMillis;

    @Column(name = "memory_bytes")
    long memoryBytes;

    String billing;

    int concurrency;

    @Column(name = "min_instances")
    int minInstances;

    @Column(name = "max_instances")
    int maxInstances;

    @Column(name = "idle_millis")
    long idleMillis;

    @Column(name = "scaling_rules")
    String scalingRules;

    @Column(name = "timeout_millis")
    long timeoutMillis;

    String egress;

    @Column(name = "session_affinity")
    boolean sessionAffinity;

    @Column(name = "rate_limit")
    String rateLimit;

    @Column(name = "client_rate_limit")
    String clientRateLimit;

    @JdbcTypeCode(SqlTypes.JSON)
    MetadataColumn metadata;

    @Column(name = "created_at")
    Instant createdAt;

    /** For Hibernate. */
    RevisionRow() {}

    /** The row of a revision that does not exist yet. */
    RevisionRow(RevisionSpec revision, int number) {
        ServiceKey key = ServiceKey.of(revision.service());
        this.name = revision.name().value();
        this.project = key.project();
        this.service = key.name();
        this.number = number;
        this.image = revision.image();
        this.digest = revision.digest().value();
        this.container = ContainerColumn.of(revision.container());
        this.cpuMillis = revision.resources().cpu().millis();
        this.cpuLimitMillis = revision.resources().cpuLimit().millis();
        this.memoryBytes = revision.resources().memory().bytes();
        this.billing = revision.resources().billing().word();
        this.concurrency = revision.scaling().concurrency();
        this.minInstances = revision.scaling().minInstances();
        this.maxInstances = revision.scaling().maxInstances();
        this.idleMillis = revision.scaling().idle().toMillis();
        this.scalingRules = revision.scaling().rules().toString();
        this.timeoutMillis = revision.timeout().toMillis();
        this.egress = revision.egress().toString();
        this.sessionAffinity = revision.requests().sessionAffinity();
        this.rateLimit = revision.requests().serviceLimit().toString();
        this.clientRateLimit = revision.requests().clientLimit().toString();
        this.metadata = MetadataColumn.of(revision.metadata());
        this.createdAt = revision.createdAt();
    }

    /** Whose it is. */
    ServiceKey of() {
        return new ServiceKey(project, service);
    }

    boolean isOf(ServiceKey key) {
        return of().equals(key);
    }

    RevisionSpec spec() {
        return new RevisionSpec(
                new RevisionName(name),
                of().service(),
                image,
                new Digest(digest),
                container.spec(),
                new Resources(
                        new Cpu(cpuMillis),
                        new Cpu(cpuLimitMillis),
                        new DataSize(memoryBytes),
                        Billing.parse(billing)),
                new Scaling(
                        concurrency,
                        minInstances,
                        maxInstances,
                        Duration.ofMillis(idleMillis),
                        ScalingRules.parse(scalingRules)),
                Egress.parse(egress),
                new RequestPolicy(
                        Duration.ofMillis(timeoutMillis),
                        sessionAffinity,
                        RateLimit.parse(rateLimit),
                        RateLimit.parse(clientRateLimit)),
                metadata.value(),
                createdAt);
    }
}
