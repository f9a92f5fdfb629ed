package dev.hearth.contracts;

import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service as the catalog knows it.
 *
 * @param version of what is told here
 * @param metadata of its own, beside its revisions'
 * @param latest the newest revision that worked when it was deployed
 * @param invokers who may call it
 * @param bounds of its instances
 * @param budget of a month
 * @param traffic who gets its requests
 * @param rollout that moves them, or the last one that did
 * @param domains that lead to it, beside its own host
 * @param revisions all that are kept, newest first
 */
public record Service(
        ServiceName name,
        ServiceVersion version,
        Metadata metadata,
        RevisionSpec latest,
        Invokers invokers,
        InstanceBounds bounds,
        Budget budget,
        List<TrafficTarget> traffic,
        Optional<GradualRollout> rollout,
        List<DomainName> domains,
        List<RevisionSpec> revisions,
        Instant createdAt,
        Instant updatedAt) {
    public Service {
        traffic = List.copyOf(traffic);
        domains = List.copyOf(domains);
        revisions = List.copyOf(revisions);
    }

    /** One that never had a rollout, and has no domains. */
    public Service(
            ServiceName name,
            ServiceVersion version,
            Metadata metadata,
            RevisionSpec latest,
            Invokers invokers,
            InstanceBounds bounds,
            Budget budget,
            List<TrafficTarget> traffic,
            List<RevisionSpec> revisions,
            Instant createdAt,
            Instant updatedAt) {
        this(
                name,
                version,
                metadata,
                latest,
                invokers,
                bounds,
                budget,
                traffic,
                Optional.empty(),
                List.of(),
                revisions,
                createdAt,
                updatedAt);
    }

    /** The revision with the largest share of the requests, the newest one of several. */
    public RevisionSpec serving() {
        return route().shares().stream()
                .max(Comparator.comparingInt(Route.Share::percent))
                .orElseThrow()
                .revision();
    }

    /** A revision by its name. */
    public Optional<RevisionSpec> revision(RevisionName wanted) {
        return revisions.stream().filter(r -> r.name().equals(wanted)).findFirst();
    }

    /** Where its requests go, each revision once, newest first. */
    public Route route() {
        Map<RevisionName, Route.Share> shares = new LinkedHashMap<>();
        for (RevisionSpec revision : revisions) {
            List<TrafficTarget> its =
                    traffic.stream()
                            .filter(t -> t.revision().orElse(latest.name()).equals(revision.name()))
                            .toList();
            int percent = its.stream().mapToInt(TrafficTarget::percent).sum();
            if (!its.isEmpty()) {
                shares.put(
                        revision.name(),
                        new Route.Share(
                                revision,
                                bounds.of(revision.scaling(), percent),
                                percent,
                                its.stream()
                                        .map(TrafficTarget::tag)
                                        .filter(tag -> !tag.isEmpty())
                                        .toList()));
            }
        }
        return new Route(
                invokers,
                budget,
                List.copyOf(shares.values()),
                rollout.filter(GradualRollout::isRunning),
                domains);
    }
}
