package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;

/**
 * What the embedded registry keeps: blobs, and the repositories that show them.
 *
 * <p>Concurrency: pushes and deletes go on side by side; {@link #collect} alone shuts them out, so
 * that no blob goes between the check that it is there and the manifest that needs it.
 */
final class RegistryStore {
    /** A blob is pushed before its manifest; so long it is kept without one. */
    private static final Duration WITHOUT_MANIFEST = Duration.ofHours(1);

    private final RegistryPaths paths;
    private final Clock clock;
    private final Blobs blobs;
    private final Repositories repositories;
    private final Uploads uploads;
    private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();

    /**
     * @param mostBlobBytes of one blob
     */
    RegistryStore(Path data, Clock clock, long mostBlobBytes) {
        this.paths = new RegistryPaths(data);
        this.clock = clock;
        this.blobs = new Blobs(paths);
        this.repositories = new Repositories(paths);
        this.uploads = new Uploads(paths, clock, mostBlobBytes);
    }

    void load() throws IOException {
        for (Path directory : paths.directories()) {
            Files.createDirectories(directory);
        }
        uploads.load();
    }

    Blobs blobs() {
        return blobs;
    }

    Repositories repositories() {
        return repositories;
    }

    Uploads uploads() {
        return uploads;
    }

    private interface Change<T> {
        T make() throws IOException;
    }

    private <T> T undisturbed(Change<T> change) throws IOException {
        collecting.readLock().lock();
        try {
            return change.make();
        } finally {
            collecting.readLock().unlock();
        }
    }

    /** Ends an upload: from then on its repository shows the blob. */
    void finish(Upload upload, Digest digest) throws IOException {
        undisturbed(
                () -> {
                    uploads.finish(upload, digest, blobs);
                    repositories.link(upload.repository(), digest);
                    return digest;
                });
    }

    /** Shows a blob of one repository in another; false when the first does not show it. */
    boolean mount(String from, String to, Digest blob) throws IOException {
        return undisturbed(
                () -> {
                    if (!repositories.shows(from, blob) || blobs.size(blob).isEmpty()) {
                        return false;
                    }
                    repositories.link(to, blob);
                    return true;
                });
    }

    /** A blob's size, when that repository shows it. */
    Optional<Long> size(String repository, Digest blob) throws IOException {
        return repositories.shows(repository, blob) ? blobs.size(blob) : Optional.empty();
    }

    /** Stores a manifest, all parts of which the repository has; its digest was checked. */
    void put(String repository, Digest digest, byte[] document, PushedManifest manifest)
            throws IOException {
        undisturbed(
                () -> {
                    for (Digest blob : manifest.blobs()) {
                        if (size(repository, blob).isEmpty()) {
                            throw new RegistryFault(
                                    Code.MANIFEST_BLOB_UNKNOWN,
                                    repository + " has no blob " + blob + "; push that first");
                        }
                    }
                    for (Digest child : manifest.children()) {
                        if (repositories.find(repository, child).isEmpty()) {
                            throw new RegistryFault(
                                    Code.MANIFEST_BLOB_UNKNOWN,
                                    repository + " has no manifest " + child + "; push that first");
                        }
                    }
                    blobs.write(document, digest);
                    repositories.add(
                            repository,
                            new Repositories.Entry(digest, manifest.mediaType()),
                            manifest.subject());
                    return digest;
                });
    }

    /** Points a tag at a manifest that the repository has. */
    void tag(String repository, String tag, Digest digest) throws IOException {
        undisturbed(
                () -> {
                    repositories.tag(repository, tag, digest);
                    return digest;
                });
    }

    /** Takes a manifest and its tags away; whether it was there. */
    boolean delete(String repository, Digest digest) throws IOException {
        return undisturbed(
                () -> {
                    Optional<Repositories.Entry> entry = repositories.find(repository, digest);
                    return entry.isPresent()
                            && repositories.remove(repository, digest, read(entry.get()).subject());
                });
    }

    /** A manifest that was accepted once, so it is sound. */
    PushedManifest read(Repositories.Entry entry) throws IOException {
        try {
            return PushedManifest.read(blobs.read(entry.digest()), entry.mediaType());
        } catch (BadDocumentException damaged) {
            throw new IOException("manifest " + entry.digest() + " is damaged", damaged);
        }
    }

    /** What {@link #collect} removed. */
    record Collected(int blobs, long bytes) {}

    /**
     * Removes blobs that no manifest needs (mark and sweep), uploads that nobody goes on with, and
     * empty repositories. Pushes wait meanwhile.
     */
    Collected collect() throws IOException {
        return collect(digest -> true);
    }

    /**
     * As {@link #collect()}, and takes away the manifests without a tag that are not part of a
     * tagged index, not about something that stays, and not among those to keep.
     */
    Collected collect(Predicate<Digest> keep) throws IOException {
        uploads.expire();
        collecting.writeLock().lock();
        try {
            Set<Digest> needed = new HashSet<>();
            for (String repository : repositories.all()) {
                removeUntagged(repository, keep);
                needed.addAll(neededBy(repository));
            }
            int removed = 0;
            long bytes = 0;
            for (Digest blob : blobs.all()) {
                if (!needed.contains(blob)) {
                    bytes += blobs.size(blob).orElse(0L);
                    blobs.remove(blob);
                    removed++;
                }
            }
            return new Collected(removed, bytes);
        } finally {
            collecting.writeLock().unlock();
        }
    }

    private void removeUntagged(String repository, Predicate<Digest> keep) throws IOException {
        Set<Digest> staying = new HashSet<>();
        for (String tag : repositories.tags(repository)) {
            repositories.tagged(repository, tag).ifPresent(staying::add);
        }
        List<Repositories.Entry> entries = new ArrayList<>();
        for (Digest digest : repositories.manifests(repository)) {
            if (keep.test(digest)) {
                staying.add(digest);
            }
            repositories.find(repository, digest).ifPresent(entries::add);
        }
        for (boolean more = true; more; ) { // children of what stays, and what is about it
            more = false;
            for (Repositories.Entry entry : entries) {
                PushedManifest manifest = read(entry);
                if (staying.contains(entry.digest())) {
                    more |= staying.addAll(manifest.children());
                } else if (manifest.subject().filter(staying::contains).isPresent()) {
                    more |= staying.add(entry.digest());
                }
            }
        }
        for (Repositories.Entry entry : entries) {
            if (!staying.contains(entry.digest())) {
                repositories.remove(repository, entry.digest(), read(entry).subject());
            }
        }
    }

    private Set<Digest> neededBy(String repository) throws IOException {
        Set<Digest> needed = new HashSet<>();
        Deque<Digest> todo = new ArrayDeque<>(repositories.manifests(repository));
        while (!todo.isEmpty()) {
            Digest digest = todo.pop();
            Optional<Repositories.Entry> entry = repositories.find(repository, digest);
            if (entry.isPresent() && needed.add(digest)) {
                PushedManifest manifest = read(entry.get());
                needed.addAll(manifest.blobs());
                todo.addAll(manifest.children());
            }
        }
        long before = clock.now().minus(WITHOUT_MANIFEST).toEpochMilli();
        for (Digest blob : repositories.links(repository)) {
            if (!needed.contains(blob)) {
                if (repositories.linkedMillis(repository, blob) > before) {
                    needed.add(blob);
                } else {
                    repositories.unlink(repository, blob);
                }
            }
        }
        repositories.removeIfEmpty(repository);
        return needed;
    }

    /** Bytes of all blobs. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Digest blob : blobs.all()) {
            bytes += blobs.size(blob).orElse(0L);
        }
        return bytes;
    }
}
