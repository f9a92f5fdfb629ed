package dev.hearth.contracts;

import java.util.List;
import java.util.Optional;

/**
 * Where the requests of one service go.
 *
 * @param invokers who may call it
 * @param budget that its requests are held against
 * @param shares of all revisions that can be reached, each once; percentages add up to 100
 * @param rollout that moves them, while one runs
 * @param domains whose requests are the service's, too
 */
public record Route(
        Invokers invokers,
        Budget budget,
        List<Share> shares,
        Optional<GradualRollout> rollout,
        List<DomainName> domains) {
    public Route {
        shares = List.copyOf(shares);
        domains = List.copyOf(domains);
    }

    /** Without a rollout and domains. */
    public Route(Invokers invokers, Budget budget, List<Share> shares) {
        this(invokers, budget, shares, Optional.empty(), List.of());
    }

    /** Without a budget. */
    public Route(Invokers invokers, List<Share> shares) {
        this(invokers, Budget.NONE, shares);
    }

    /**
     * @param scaling the revision's, within what its service may have
     * @param percent of the requests to the service's own host
     * @param tags whose hosts are this revision's alone
     */
    public record Share(RevisionSpec revision, Scaling scaling, int percent, List<String> tags) {
        public Share {
            tags = List.copyOf(tags);
        }

        /** Scaled as the revision says. */
        public Share(RevisionSpec revision, int percent, List<String> tags) {
            this(revision, revision.scaling(), percent, tags);
        }
    }

    /** Everything to one revision, for anyone. */
    public static Route to(RevisionSpec revision) {
        return new Route(Invokers.ANYONE, List.of(new Share(revision, 100, List.of())));
    }
}
