package dev.hearth.imagecache.store;

/**
 * What is known of an unpacked layer.
 *
 * @param entries of its archive
 * @param bytes of its files
 * @param opaqueRoot whether it hides all layers below; overlayfs does not look for the mark at a
 *     layer's root, so those layers must be left out of the mount
 */
public record LayerFacts(long entries, long bytes, boolean opaqueRoot) {}
