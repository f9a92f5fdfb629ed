package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The JSON in {@code services.rollout}; times are ISO-8601. */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
record RolloutColumn(
        String id,
        String revision,
        boolean latest,
        TrafficColumn before,
        long durationMillis,
        List<Integer> steps,
        int step,
        String phase,
        String reason,
        String begunAt,
        String movedAt) {
    static RolloutColumn of(GradualRollout r) {
        return new RolloutColumn(
                r.id().toString(),
                r.to().value(),
                r.latest(),
                TrafficColumn.of(r.before()),
                r.plan().duration().toMillis(),
                r.plan().steps(),
                r.step(),
                r.phase().name(),
                r.reason(),
                r.begunAt().toString(),
                r.movedAt().toString());
    }

    GradualRollout value() {
        return new GradualRollout(
                UUID.fromString(id),
                new RevisionName(revision),
                latest,
                before.value(),
                new RolloutPlan(Duration.ofMillis(durationMillis), steps),
                step,
                GradualRollout.Phase.valueOf(phase),
                reason,
                Instant.parse(begunAt),
                Instant.parse(movedAt));
    }
}
