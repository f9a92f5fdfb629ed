package dev.hearth.imagecache.store;

import dev.hearth.contracts.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Makes equal large files of different layers one file by hard links, on disk and in the page
 * cache: a layer that was built again has nearly all of them from the one before.
 *
 * <p>A hard link shares everything but the name, so files are only alike when size, owner, mode and
 * time are equal as well, to the nanosecond; that is also what makes looking cheap, since contents
 * are compared for such pairs alone. Layers are never written to (containers write to a layer of
 * their own), and a layer's removal takes its names only. What it shows a container is the number
 * of links of a file, and that equal files of two of its layers are one.
 */
final class SharedFiles {
    private static final Logger LOG = Logger.getLogger(SharedFiles.class);

    private static final int MOST_COMPARED = 8;

    private final CachePaths paths;
    private final Map<Alike, List<Path>> known = new ConcurrentHashMap<>();
    private final AtomicLong links = new AtomicLong();

    SharedFiles(CachePaths paths) {
        this.paths = paths;
    }

    /** What two files must have in common before it pays to compare them. */
    private record Alike(long size, int mode, int user, int group, FileTime changed) {
        /** Empty for what is no regular file. */
        static Optional<Alike> of(Path file) throws IOException {
            BasicFileAttributes basic =
                    Files.readAttributes(
                            file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return basic.isRegularFile()
                    ? Optional.of(
                            new Alike(
                                    basic.size(),
                                    number(file, "mode"),
                                    number(file, "uid"),
                                    number(file, "gid"),
                                    basic.lastModifiedTime()))
                    : Optional.empty();
        }
    }

    private static int number(Path file, String attribute) throws IOException {
        return (int) Files.getAttribute(file, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Replaces files of a layer that is being unpacked by links to equal ones of other layers.
     *
     * @param large paths in the layer; those that are not there any more are passed over
     */
    void share(Path layer, List<String> large) throws IOException {
        for (String name : large) {
            Path file = layer.resolve(name);
            Optional<Alike> alike = alike(file);
            if (alike.isPresent() && !hasLinks(file)) {
                for (Path other : candidates(alike.get(), name)) {
                    if (replaced(file, other)) {
                        break;
                    }
                }
            }
        }
    }

    /** Of the same name first, and few: there may be thousands that are alike but not equal. */
    private List<Path> candidates(Alike alike, String name) {
        List<Path> all = known.getOrDefault(alike, List.of());
        return Stream.concat(
                        all.stream().filter(other -> other.endsWith(name)),
                        all.stream().filter(other -> !other.endsWith(name)))
                .limit(MOST_COMPARED)
                .toList();
    }

    /** Files that are links of each other in their own layer stay so. */
    private static boolean hasLinks(Path file) throws IOException {
        return number(file, "nlink") > 1;
    }

    private static Optional<Alike> alike(Path file) throws IOException {
        try {
            return Alike.of(file);
        } catch (NoSuchFileException replacedByALaterEntry) {
            return Optional.empty();
        }
    }

    private boolean replaced(Path file, Path other) throws IOException {
        Path link = paths.unpacking().resolve("link-" + links.incrementAndGet());
        try {
            if (Files.mismatch(file, other) >= 0) {
                return false;
            }
            Files.createLink(link, other);
            Files.move(link, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException evictedMeanwhile) {
            return false;
        } catch (IOException e) { // the most links a file can have, say
            LOG.debugf("%s is not shared with %s: %s", file, other, e.getMessage());
            return false;
        } finally {
            Files.deleteIfExists(link);
        }
    }

    /** Remembers a published layer's large files, so that later layers share them. */
    void add(Digest diffId, List<String> large) throws IOException {
        if (large.isEmpty()) {
            return;
        }
        Disk.writeFile(
                paths.large(diffId),
                String.join("\n", large).getBytes(StandardCharsets.US_ASCII),
                paths.unpacking());
        learn(diffId, large);
    }

    /** Learns again what was remembered of a layer. */
    void load(Digest diffId) throws IOException {
        if (Files.exists(paths.large(diffId))) {
            learn(diffId, Files.readAllLines(paths.large(diffId), StandardCharsets.US_ASCII));
        }
    }

    private void learn(Digest diffId, List<String> large) throws IOException {
        for (String name : large) {
            Path file = paths.layer(diffId).resolve(name);
            Optional<Alike> alike = alike(file);
            if (alike.isPresent()) {
                known.merge(alike.get(), List.of(file), SharedFiles::both);
            }
        }
    }

    private static List<Path> both(List<Path> some, List<Path> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /** Forgets a layer that is removed. */
    void remove(Digest diffId) throws IOException {
        Path layer = paths.layer(diffId);
        for (Alike alike : known.keySet()) {
            known.computeIfPresent(
                    alike,
                    (a, files) -> {
                        List<Path> left = files.stream().filter(f -> !f.startsWith(layer)).toList();
                        return left.isEmpty() ? null : left;
                    });
        }
        Files.deleteIfExists(paths.large(diffId));
    }
}
