package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.store.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Which manifests, tags and blobs each repository has, in small files, so that a crash leaves each
 * of them as it was or as it was to be. Names and tags were checked by the caller.
 */
final class Repositories {
    private static final Logger LOG = Logger.getLogger(Repositories.class);

    private final RegistryPaths paths;

    Repositories(RegistryPaths paths) {
        this.paths = paths;
    }

    /** A manifest of a repository. */
    record Entry(Digest digest, String mediaType) {}

    boolean exists(String repository) {
        return Files.isDirectory(paths.manifests(repository))
                || Files.isDirectory(paths.links(repository));
    }

    /** From now on the repository shows that blob, which was pushed or asked for just now. */
    void link(String repository, Digest blob, Instant now) throws IOException {
        Files.createDirectories(paths.links(repository));
        Path link = paths.link(repository, blob);
        try {
            Files.createFile(link);
        } catch (FileAlreadyExistsException already) {
            LOG.tracef("%s has %s already", repository, blob);
        }
        Files.setLastModifiedTime(link, FileTime.from(now));
    }

    /** Whether the repository shows that blob by itself, not as a manifest. */
    boolean isLinked(String repository, Digest blob) {
        return Files.exists(paths.link(repository, blob));
    }

    boolean shows(String repository, Digest blob) {
        return isLinked(repository, blob) || Files.exists(paths.manifest(repository, blob));
    }

    /** Whether there was such a link. */
    boolean unlink(String repository, Digest blob) throws IOException {
        return Files.deleteIfExists(paths.link(repository, blob));
    }

    /** Makes a manifest, which is among the blobs, one of the repository. */
    void add(String repository, Entry entry, Optional<Digest> subject) throws IOException {
        Files.createDirectories(paths.manifests(repository));
        if (subject.isPresent()) {
            Path referrers = paths.referrers(repository, subject.get());
            Files.createDirectories(referrers);
            write(referrers.resolve(entry.digest().hex()), "");
        }
        write(paths.manifest(repository, entry.digest()), entry.mediaType());
    }

    /** Points a tag at a manifest of the repository. */
    void tag(String repository, String tag, Digest digest) throws IOException {
        Files.createDirectories(paths.tags(repository));
        write(paths.tag(repository, tag), digest.value());
    }

    /** Where a tag points. */
    Optional<Digest> tagged(String repository, String tag) throws IOException {
        return read(paths.tag(repository, tag)).map(Digest::new);
    }

    /** A manifest of the repository. */
    Optional<Entry> find(String repository, Digest digest) throws IOException {
        return read(paths.manifest(repository, digest)).map(type -> new Entry(digest, type));
    }

    /** Whether there was such a tag. */
    boolean untag(String repository, String tag) throws IOException {
        return Files.deleteIfExists(paths.tag(repository, tag));
    }

    /**
     * Takes a manifest away, and the tags that point to it; whether it was there.
     *
     * @param subject what the manifest itself says its subject is
     */
    boolean remove(String repository, Digest digest, Optional<Digest> subject) throws IOException {
        for (String tag : tags(repository)) {
            if (tagged(repository, tag).filter(digest::equals).isPresent()) {
                untag(repository, tag);
            }
        }
        if (subject.isPresent()) {
            Files.deleteIfExists(paths.referrers(repository, subject.get()).resolve(digest.hex()));
        }
        return Files.deleteIfExists(paths.manifest(repository, digest));
    }

    /** In the order that the specification demands of lists: of their bytes. */
    List<String> tags(String repository) throws IOException {
        return names(paths.tags(repository));
    }

    List<Digest> manifests(String repository) throws IOException {
        return digests(paths.manifests(repository));
    }

    List<Digest> links(String repository) throws IOException {
        return digests(paths.links(repository));
    }

    /** When the repository was given or asked for a blob last, in ms since 1970. */
    long linkedMillis(String repository, Digest blob) throws IOException {
        return Files.getLastModifiedTime(paths.link(repository, blob)).toMillis();
    }

    /** The manifests whose subject that one is. */
    List<Digest> referrers(String repository, Digest subject) throws IOException {
        return digests(paths.referrers(repository, subject));
    }

    /** All repositories that have a manifest, by name. */
    List<String> all() throws IOException {
        List<String> names = new ArrayList<>();
        Files.walkFileTree(
                paths.repositories(),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) {
                        if (String.valueOf(directory.getFileName()).startsWith("_")) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        String name = paths.repositories().relativize(directory).toString();
                        if (!name.isEmpty() && exists(name)) {
                            names.add(name);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        Collections.sort(names);
        return names;
    }

    /** Removes what is left of a repository without manifests and blobs. */
    void removeIfEmpty(String repository) throws IOException {
        if (!manifests(repository).isEmpty() || !links(repository).isEmpty()) {
            return;
        }
        for (Path part :
                List.of(
                        paths.tags(repository),
                        paths.links(repository),
                        paths.manifests(repository),
                        paths.repository(repository).resolve("_referrers"))) {
            Disk.remove(part);
        }
        Path at = paths.repository(repository);
        while (!at.equals(paths.repositories())) {
            try {
                Files.deleteIfExists(at);
            } catch (DirectoryNotEmptyException hasOthersBelow) {
                return;
            }
            at = at.resolveSibling(".").normalize();
        }
    }

    private static List<Digest> digests(Path directory) throws IOException {
        return names(directory).stream().map(Digest::sha256).toList();
    }

    private static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try {
            return Disk.children(directory).stream()
                    .map(p -> String.valueOf(p.getFileName()))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException removedMeanwhile) {
            return List.of();
        }
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    private void write(Path file, String content) throws IOException {
        Disk.writeFile(file, content.getBytes(StandardCharsets.UTF_8), paths.uploads());
    }
}
