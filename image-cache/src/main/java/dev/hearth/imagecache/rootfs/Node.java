package dev.hearth.imagecache.rootfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands at a name in one layer, or in all of them together. */
sealed interface Node {
    /**
     * A directory.
     *
     * @param parts of it in the layers, uppermost first; in one layer a single one
     */
    record Directory(List<Path> parts) implements Node {
        public Directory {
            parts = List.copyOf(parts);
        }
    }

    /** A regular file. */
    record Plain(Path path, long bytes) implements Node {}

    /** A symbolic link, not followed. */
    record Link(String target) implements Node {}

    /** The character device 0/0: what lower layers have of that name is not there. */
    record Whiteout() implements Node {}

    /** A pipe, a device or a socket. */
    record Special() implements Node {}

    // inode(7)
    int TYPE = 0170000;
    int DIRECTORY = 0040000;
    int REGULAR = 0100000;
    int SYMLINK = 0120000;
    int CHARACTER_DEVICE = 0020000;

    /** What one layer's directory has of that name; nothing is followed. */
    static Optional<Node> in(Path directory, String name) throws IOException {
        Path path;
        Map<String, Object> attributes;
        try {
            path = directory.resolve(name);
            attributes =
                    Files.readAttributes(path, "unix:mode,rdev,size", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException | InvalidPathException absent) {
            return Optional.empty();
        }
        long device = (Long) attributes.getOrDefault("rdev", 0L);
        return Optional.of(
                switch ((Integer) attributes.getOrDefault("mode", 0) & TYPE) {
                    case DIRECTORY -> new Directory(List.of(path));
                    case REGULAR -> new Plain(path, (Long) attributes.getOrDefault("size", 0L));
                    case SYMLINK -> new Link(Files.readSymbolicLink(path).toString());
                    case CHARACTER_DEVICE -> device == 0 ? new Whiteout() : new Special();
                    default -> new Special();
                });
    }
}
