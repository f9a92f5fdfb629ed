package dev.hearth.imagecache.unpack;

import java.util.Optional;

/**
 * One entry of a tar archive, as it stands there; texts have one byte a character (Latin-1).
 *
 * @param size bytes of content that follow; 0 for all but files
 * @param mode permission bits with set-user-ID, set-group-ID and sticky
 * @param linkName target of a hard or symbolic link, else empty
 * @param capability the file's {@code security.capability} attribute
 */
public record TarEntry(
        String name,
        Kind kind,
        long size,
        int mode,
        long user,
        long group,
        long seconds,
        int nanos,
        String linkName,
        Optional<byte[]> capability) {

    /** What the entry is. */
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMLINK,
        DIRECTORY,
        FIFO,
        DEVICE
    }
}
