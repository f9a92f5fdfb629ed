package dev.hearth.imagecache.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes things appear on disk whole or not at all, also across a power cut. */
public final class Disk {
    private Disk() {}

    /** Writes a file beside, waits until it is on the disk, and renames it into its place. */
    public static void writeFile(Path target, byte[] content, Path workDirectory)
            throws IOException {
        Path work = Files.createTempFile(workDirectory, "file-", "");
        try {
            try (FileChannel channel = FileChannel.open(work, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            publish(work, target);
        } finally {
            Files.deleteIfExists(work); // a full disk or an interrupt left it
        }
    }

    /** Renames something complete into its place and waits until the new name is on the disk. */
    public static void publish(Path work, Path target) throws IOException {
        Files.move(work, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory =
                FileChannel.open(target.resolveSibling("."), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Removes a file or a whole tree; symbolic links are removed, not followed. */
    public static void remove(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** What is in a directory, in no order. */
    public static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.toList();
        }
    }
}
