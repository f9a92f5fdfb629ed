package dev.hearth.imagecache.manifest;

import java.util.List;

/** One image: its configuration and its layers, lowest first. */
public record ImageManifest(Descriptor config, List<Descriptor> layers) {
    /** What overlayfs can stack in practice, and Docker's own limit. */
    public static final int MOST_LAYERS = 127;

    public ImageManifest {
        layers = List.copyOf(layers);
    }
}
