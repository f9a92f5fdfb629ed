package dev.hearth.runtime.rootfs;

import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.net.Resolvers;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;

/** The plans of revisions that were started lately, so that a cold start reads no file for them. */
public final class LaunchPlans {
    private static final int MOST = 4096;

    private final ImageStore images;
    private final Resolvers resolvers;
    private final ConcurrentHashMap<RevisionName, LaunchPlan> plans = new ConcurrentHashMap<>();

    /**
     * @param resolvers that instances may ask
     */
    public LaunchPlans(ImageStore images, Resolvers resolvers) {
        this.images = images;
        this.resolvers = resolvers;
    }

    /**
     * The revision's plan; its image is brought back if it was evicted. Throws as {@link
     * ImageStore#bring} and {@link LaunchPlan#of}.
     */
    public LaunchPlan of(RevisionSpec revision) throws IOException {
        StoredImage image =
                images.bring(
                        new ResolvedImage(
                                revision.image(), revision.digest(), revision.service().project()));
        LaunchPlan known = plans.get(revision.name());
        if (known != null) {
            return known;
        }
        LaunchPlan made = LaunchPlan.of(revision, image, resolvers.fileFor(revision.egress()));
        if (plans.size() >= MOST) {
            plans.clear(); // rare, and each is rebuilt in well under a millisecond
        }
        plans.put(revision.name(), made);
        return made;
    }
}
