package dev.hearth.imagecache.manifest;

import dev.hearth.contracts.Digest;
import java.util.Optional;

/**
 * A pointer to content: what it is, its digest and its exact size in bytes.
 *
 * @param platform what it runs on, in an index
 * @param name the tag, in the index of an OCI layout ({@code org.opencontainers.image.ref.name})
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        Optional<Platform> platform,
        Optional<String> name) {

    /** One that is neither in an index nor named. */
    public Descriptor(String mediaType, Digest digest, long size) {
        this(mediaType, digest, size, Optional.empty(), Optional.empty());
    }
}
