package dev.hearth.imagecache.unpack;

import dev.hearth.contracts.DataSize;

/**
 * How much one layer may unpack to.
 *
 * @param mostEntries files, directories and links; directories that no entry names count too
 * @param mostBytes of the layer's tar stream, so headers and padding count
 */
public record UnpackLimits(long mostEntries, DataSize mostBytes) {
    /** A million entries (five times a full Ubuntu desktop) and 16 GiB. */
    public static final UnpackLimits DEFAULT =
            new UnpackLimits(1_000_000, DataSize.mebibytes(16 * 1024));
}
