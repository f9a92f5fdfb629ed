package dev.hearth.imagecache.source;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Platform;
import java.io.InputStream;
import java.util.Optional;

/**
 * A place that an image can be read from. What comes out is not to be trusted: callers check
 * digests and sizes. Every failure is a HearthException, also out of the streams.
 */
public interface ImageSource extends AutoCloseable {
    /**
     * What the reference points to now: a manifest, or an index of manifests.
     *
     * @throws dev.hearth.contracts.HearthException NOT_FOUND {@code image-not-found}
     */
    Descriptor find(Platform platform);

    /**
     * A manifest or an index by its digest, {@link
     * dev.hearth.imagecache.manifest.Documents#MOST_BYTES} at most.
     */
    byte[] document(Digest digest);

    /**
     * The manifest that another tag beside the image names now, not yet checked; empty when there
     * is none, or no such thing in this kind of source.
     */
    default Optional<byte[]> tagged(String tag) {
        return Optional.empty();
    }

    /** A configuration or a layer; the caller closes it. */
    InputStream blob(Descriptor descriptor);

    /**
     * Takes note that a blob's content was not what its digest says.
     *
     * @return whether it may now be had from elsewhere: ask for it again
     */
    default boolean distrust(Descriptor blob) {
        return false;
    }

    @Override
    void close();
}
