package dev.hearth.catalog.store;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficTarget;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

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

    /** The one that runs, or the last one; null when there was none. */
    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable RolloutColumn rollout;

    /** Null for none. */
    @JdbcTypeCode(SqlTypes.JSON)
    @Nullable DomainsColumn domains;

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

    /** From now on its requests go there; a rollout that moves them elsewhere is over. */
    void share(List<TrafficTarget> targets, Instant at) {
        rollout()
                .filter(GradualRollout::isRunning)
                .filter(moving -> !shares(targets).equals(shares(traffic.value())))
                .ifPresent(moving -> rollout = RolloutColumn.of(moving.overtaken(at)));
        traffic = TrafficColumn.of(targets);
        changed(at);
    }

    /** Who gets requests, whatever their tags. */
    private static Map<Optional<RevisionName>, Integer> shares(List<TrafficTarget> targets) {
        return targets.stream()
                .filter(target -> target.percent() > 0)
                .collect(
                        Collectors.toMap(
                                TrafficTarget::revision, TrafficTarget::percent, Integer::sum));
    }

    /** From now on its requests go where this rollout sends them. */
    void rollOut(GradualRollout next, boolean stillLatest, Instant at) {
        traffic = TrafficColumn.of(TrafficTarget.shared(next.shares(stillLatest), traffic.value()));
        rollout = RolloutColumn.of(next);
        changed(at);
    }

    DomainsColumn domains() {
        DomainsColumn now = domains;
        return now == null ? DomainsColumn.NONE : now;
    }

    /** From now on these lead to it. Which do is decided apart from what the service is. */
    void setDomains(DomainsColumn wanted, Instant at) {
        domains = wanted;
        touched(at);
    }

    /** Its shares are those of this rollout's first step already. */
    void begin(GradualRollout first) {
        rollout = RolloutColumn.of(first);
    }

    Optional<GradualRollout> rollout() {
        return Optional.ofNullable(rollout).map(RolloutColumn::value);
    }

    /** Throws CONFLICT {@code rollout-in-progress}. */
    void checkNoRollout() {
        rollout()
                .filter(GradualRollout::isRunning)
                .ifPresent(
                        moving -> {
                            throw new HearthException(
                                    ErrorKind.CONFLICT,
                                    "rollout-in-progress",
                                    "the requests of \""
                                            + key.name()
                                            + "\" are moving to "
                                            + moving.to()
                                            + "; wait until they have, or end that with `hearth"
                                            + " rollback "
                                            + key.name()
                                            + "`");
                        });
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
