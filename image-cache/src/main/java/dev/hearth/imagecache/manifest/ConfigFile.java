package dev.hearth.imagecache.manifest;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.ImageConfig;
import java.util.List;

/**
 * An image's configuration document.
 *
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ConfigFile(Platform platform, List<Digest> diffIds, ImageConfig config) {
    public ConfigFile {
        diffIds = List.copyOf(diffIds);
    }
}
