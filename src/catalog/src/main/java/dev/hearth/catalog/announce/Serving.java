package dev.hearth.catalog.announce;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.ServedImages;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images of all revisions that can be reached, counted, so that a change of one service is one
 * of its own images only.
 */
final class Serving implements ServedImages {
    private final Map<Digest, Uses> uses = new ConcurrentHashMap<>();

    /**
     * @param revisions that have the image
     * @param always those of them that have a minimum of instances
     */
    private record Uses(int revisions, int always) {
        Uses plus(Uses more) {
            return new Uses(revisions + more.revisions, always + more.always);
        }

        Uses minus(Uses fewer) {
            return new Uses(revisions - fewer.revisions, always - fewer.always);
        }
    }

    void add(Route route) {
        for (Route.Share share : route.shares()) {
            uses.merge(share.revision().digest(), one(share.revision()), Uses::plus);
        }
    }

    /** Takes back what was added. */
    void remove(Route route) {
        for (Route.Share share : route.shares()) {
            uses.computeIfPresent(
                    share.revision().digest(),
                    (digest, before) -> {
                        Uses left = before.minus(one(share.revision()));
                        return left.revisions == 0 ? null : left;
                    });
        }
    }

    private static Uses one(RevisionSpec revision) {
        return new Uses(1, revision.scaling().minInstances() > 0 ? 1 : 0);
    }

    @Override
    public Need need(Digest manifest) {
        Uses now = uses.get(manifest);
        if (now == null) {
            return Need.NONE;
        }
        return now.always > 0 ? Need.ALWAYS : Need.SERVES;
    }
}
