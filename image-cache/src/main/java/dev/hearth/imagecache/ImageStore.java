package dev.hearth.imagecache;

import dev.hearth.contracts.Digest;

/** The images that are on this node. */
public interface ImageStore {
    /**
     * The image of that manifest. Answers from memory, without disk or locks, so that a cold start
     * may call it; any thread, an event loop too.
     *
     * @throws dev.hearth.contracts.HearthException NOT_FOUND {@code image-not-in-cache}
     */
    StoredImage open(Digest manifest);
}
