package dev.hearth.catalog.store;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.TrafficTarget;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The JSON in {@code services.traffic}. */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later release
record TrafficColumn(List<Target> targets) {
    /** Without a revision the latest one is meant. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Target(@Nullable String revision, int percent, @Nullable String tag) {}

    static TrafficColumn of(List<TrafficTarget> targets) {
        return new TrafficColumn(
                targets.stream()
                        .map(
                                t ->
                                        new Target(
                                                t.revision().map(RevisionName::value).orElse(null),
                                                t.percent(),
                                                t.tag().isEmpty() ? null : t.tag()))
                        .toList());
    }

    List<TrafficTarget> value() {
        return targets.stream()
                .map(
                        t ->
                                new TrafficTarget(
                                        Optional.ofNullable(t.revision()).map(RevisionName::new),
                                        t.percent(),
                                        t.tag() == null ? "" : t.tag()))
                .toList();
    }
}
