package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.util.Optional;

/**
 * How a pushed manifest becomes an image that can run: checked, stored, unpacked, and only then
 * tagged. So what a tag means is always ready, and a deploy of it fetches nothing.
 */
final class Acceptance {
    private final RegistryStore store;
    private final EmbeddedRegistry.Arrivals arrivals;

    Acceptance(RegistryStore store, EmbeddedRegistry.Arrivals arrivals) {
        this.store = store;
        this.arrivals = arrivals;
    }

    /** What was taken. */
    record Accepted(Digest digest, Optional<Digest> subject) {}

    /**
     * Takes a manifest of which all parts were pushed; one that is refused leaves nothing.
     *
     * @param declared the media type that it came with, or empty
     */
    Accepted take(String repository, byte[] document, String declared, Optional<String> tag)
            throws IOException {
        Digest digest = Digests.of(document);
        PushedManifest manifest;
        try {
            manifest = PushedManifest.read(document, declared);
        } catch (BadDocumentException e) {
            throw new RegistryFault(
                    Code.MANIFEST_INVALID, "the manifest cannot be taken: " + e.getMessage());
        }
        boolean accepted = false;
        store.arriving().begin(repository, digest);
        try {
            store.put(repository, digest, document, manifest);
            if (manifest.isImage()) {
                unpack(repository, digest, tag);
            } else if (tag.isPresent() && MediaTypes.isIndex(manifest.mediaType())) {
                unpackOneOf(repository, digest, tag);
            }
            if (tag.isPresent()) {
                store.tag(repository, tag.get(), digest);
            }
            accepted = true;
        } finally {
            store.arriving().end(repository, digest, accepted);
        }
        return new Accepted(digest, manifest.subject());
    }

    private void unpack(String repository, Digest digest, Optional<String> tag) {
        try {
            arrivals.unpack(repository, digest, tag);
        } catch (HearthException e) {
            if (e.kind() != ErrorKind.NOT_FOUND) {
                throw e;
            }
            // for another platform: kept for those who pull it
        }
    }

    /**
     * Of a tagged index, what this machine would run; it was unpacked when it was pushed itself,
     * and has its name by now. An index may have nothing to run, or no images at all.
     */
    private void unpackOneOf(String repository, Digest index, Optional<String> tag) {
        try {
            arrivals.unpack(repository, index, tag);
        } catch (HearthException e) {
            if (!e.kind().isCallersFault()) {
                throw e;
            }
        }
    }
}
