package dev.hearth.imagecache.rootfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A regular file of an image.
 *
 * @param name as it was asked for, for messages
 * @param path in a layer on this node; no step of it below the layer is a symbolic link
 * @param bytes its length
 */
public record ImageFile(String name, Path path, long bytes) {

    /** Throws {@link BadFileException} when it is longer than that. */
    public ImageFile atMost(long mostBytes) throws BadFileException {
        if (bytes > mostBytes) {
            throw new BadFileException(
                    "its " + name + " has " + bytes + " bytes; the most is " + mostBytes);
        }
        return this;
    }

    /** All of a small file. */
    public byte[] read(int mostBytes) throws IOException {
        atMost(mostBytes);
        try (InputStream in =
                Channels.newInputStream(
                        Files.newByteChannel(
                                path,
                                Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)))) {
            return in.readNBytes((int) bytes);
        }
    }
}
