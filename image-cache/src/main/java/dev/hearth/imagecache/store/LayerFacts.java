package dev.hearth.imagecache.store;

/**
 * What is known of an unpacked layer.
 *
 * @param entries of its archive
 * @param bytes of its files
 * @param opaqueRoot whether it hides all layers below; overlayfs does not look for the mark at a
 *     layer's root, so those layers must be left out of the mount
 */
public record LayerFacts(long entries, long bytes, boolean opaqueRoot) {
    /** Half a block of 4 KiB, what a file's last block wastes on average; and an inode. */
    private static final long BYTES_PER_ENTRY = 2048 + 256;

    /** About what it takes on disk. */
    public long diskBytes() {
        return bytes + entries * BYTES_PER_ENTRY;
    }
}
