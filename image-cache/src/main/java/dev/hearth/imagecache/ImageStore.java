package dev.hearth.imagecache;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ResolvedImage;
import java.util.Set;
import java.util.function.Supplier;

/** The images that are on this node. */
public interface ImageStore {
    /**
     * The image of that manifest. Answers from memory, without disk or locks, so that a cold start
     * may call it; any thread, an event loop too.
     *
     * @throws dev.hearth.contracts.HearthException NOT_FOUND {@code image-not-in-cache}
     */
    StoredImage open(Digest manifest);

    /**
     * As {@link #open}, but pulls the image when it was evicted; a store that evicts nothing need
     * not care. Blocks then, as long as a pull takes.
     *
     * @param image with where it can be pulled from
     * @throws dev.hearth.contracts.HearthException as ImagePort's prefetch
     */
    default StoredImage bring(ResolvedImage image) {
        return open(image.digest());
    }

    /**
     * Tells a store that evicts which images must stay because instances run them, or will with
     * what is loaded.
     *
     * @param digests asked for on any thread, whenever images are to be removed
     */
    default void running(Supplier<Set<Digest>> digests) {}
}
