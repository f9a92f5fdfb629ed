package dev.hearth.contracts;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody wants of a service's traffic; applied in this order.
 *
 * @param all the targets, tags too; none for those that come of the rest
 * @param shares new ones; none for those there are
 * @param untag tags to take away
 * @param tag tags to give, each to one revision; empty for the latest
 */
public record TrafficChange(
        List<TrafficTarget> all,
        List<TrafficTarget> shares,
        Set<String> untag,
        Map<String, Optional<RevisionName>> tag) {
    public TrafficChange {
        all = List.copyOf(all);
        shares = List.copyOf(shares);
        untag = Set.copyOf(untag);
        tag = Map.copyOf(tag);
    }

    /** Shares and tags for those that are there. */
    public TrafficChange(
            List<TrafficTarget> shares,
            Set<String> untag,
            Map<String, Optional<RevisionName>> tag) {
        this(List.of(), shares, untag, tag);
    }

    /** These and no others. */
    public static TrafficChange to(List<TrafficTarget> all) {
        return new TrafficChange(all, List.of(), Set.of(), Map.of());
    }

    /** What comes of it; throws INVALID {@code invalid-traffic} when that cannot be. */
    public List<TrafficTarget> of(List<TrafficTarget> before) {
        if (!all.isEmpty()) {
            return TrafficTarget.checked(all);
        }
        List<TrafficTarget> targets =
                shares.isEmpty() ? before : TrafficTarget.shared(shares, before);
        for (String gone : untag) {
            targets = TrafficTarget.untagged(gone, targets);
        }
        for (Map.Entry<String, Optional<RevisionName>> given : tag.entrySet()) {
            targets = TrafficTarget.tagged(given.getKey(), given.getValue(), targets);
        }
        return targets;
    }
}
