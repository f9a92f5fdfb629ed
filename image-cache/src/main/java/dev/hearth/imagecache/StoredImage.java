package dev.hearth.imagecache;

import dev.hearth.contracts.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * An image that is on this node and ready to be mounted.
 *
 * @param digest of its manifest
 * @param layers unpacked directories, lowest first; they are shared with other images and must not
 *     be written to. All are children of one directory, each named by the 64 hex digits of its diff
 *     id; whiteouts and opaque directories are overlayfs's own.
 * @param unpackedBytes of all layers' files together
 */
public record StoredImage(
        Digest digest, ImageConfig config, List<Path> layers, long unpackedBytes) {
    public StoredImage {
        layers = List.copyOf(layers);
    }
}
