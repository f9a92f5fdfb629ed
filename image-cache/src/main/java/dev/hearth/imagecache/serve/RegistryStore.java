package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
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
    private final Shares shares;
    private final Arriving arriving = new Arriving(this);
    private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();
    private final ReentrantLock naming = new ReentrantLock();
    private volatile OptionalLong deletedNanos = OptionalLong.empty();
    private volatile OptionalLong collectedNanos = OptionalLong.empty();

    /**
     * @param mostBlobBytes of one blob
     */
    RegistryStore(Path data, Clock clock, long mostBlobBytes) {
        this.paths = new RegistryPaths(data);
        this.clock = clock;
        this.blobs = new Blobs(paths);
        this.repositories = new Repositories(paths);
        this.uploads = new Uploads(paths, clock, mostBlobBytes);
        this.shares = new Shares(repositories, blobs, uploads, clock);
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

    Shares shares() {
        return shares;
    }

    Arriving arriving() {
        return arriving;
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

    /** Adds a chunk to an upload, if its project may have that much. */
    void append(Upload upload, InputStream chunk, OptionalLong start) throws IOException {
        uploads.append(
                upload,
                chunk,
                start,
                upload.isArchive()
                        ? shares.forArchive(upload.repository())
                        : shares.forBlob(upload));
    }

    /** Ends an upload: from then on its repository shows the blob. */
    void finish(Upload upload, Digest digest) throws IOException {
        String repository = upload.repository();
        undisturbed(
                () ->
                        shares.added(
                                repository,
                                check -> {
                                    int links = repositories.isLinked(repository, digest) ? 0 : 1;
                                    uploads.finish(
                                            upload,
                                            digest,
                                            blobs,
                                            bytes -> check.add(digest, bytes, links));
                                    repositories.link(repository, digest, clock.now());
                                    return digest;
                                }));
    }

    /** Shows a blob of one repository in another; false when the first does not show it. */
    boolean mount(String from, String to, Digest blob) throws IOException {
        return undisturbed(
                () -> {
                    Optional<Long> size = size(from, blob);
                    if (size.isEmpty()) {
                        return false;
                    }
                    return shares.added(
                            to,
                            check -> {
                                check.add(
                                        blob, size.get(), repositories.isLinked(to, blob) ? 0 : 1);
                                repositories.link(to, blob, clock.now());
                                return true;
                            });
                });
    }

    /** A blob's size, when that repository shows it. */
    Optional<Long> size(String repository, Digest blob) throws IOException {
        return repositories.shows(repository, blob) ? blobs.size(blob) : Optional.empty();
    }

    /**
     * As {@link #size}, for a client that means to use the blob instead of pushing it: it is kept
     * as if it had been.
     */
    Optional<Long> promise(String repository, Digest blob) throws IOException {
        return undisturbed(
                () -> {
                    Optional<Long> size = size(repository, blob);
                    if (size.isPresent() && repositories.isLinked(repository, blob)) {
                        repositories.link(repository, blob, clock.now());
                    }
                    return size;
                });
    }

    /** Stores a manifest, all parts of which the repository has; its digest was checked. */
    void put(String repository, Digest digest, byte[] document, PushedManifest manifest)
            throws IOException {
        undisturbed(
                () -> {
                    for (PushedManifest.Part blob : manifest.blobs()) {
                        check(repository, "blob", blob, size(repository, blob.digest()));
                    }
                    for (PushedManifest.Part child : manifest.children()) {
                        boolean there = repositories.find(repository, child.digest()).isPresent();
                        check(
                                repository,
                                "manifest",
                                child,
                                there ? blobs.size(child.digest()) : Optional.empty());
                    }
                    return shares.added(
                            repository,
                            check -> {
                                boolean there = repositories.find(repository, digest).isPresent();
                                check.add(digest, document.length, there ? 0 : 1);
                                blobs.write(document, digest);
                                repositories.add(
                                        repository,
                                        new Repositories.Entry(digest, manifest.mediaType()),
                                        manifest.subject());
                                return digest;
                            });
                });
    }

    private static void check(
            String repository, String what, PushedManifest.Part part, Optional<Long> size) {
        if (size.isEmpty()) {
            throw new RegistryFault(
                    Code.MANIFEST_BLOB_UNKNOWN,
                    repository + " has no " + what + " " + part.digest() + "; push that first");
        }
        if (size.get() != part.size()) {
            throw new RegistryFault(
                    Code.MANIFEST_INVALID,
                    "the manifest says that "
                            + part.digest()
                            + " has "
                            + part.size()
                            + " bytes, but it has "
                            + size.get());
        }
    }

    /** Points a tag at a manifest that the repository has. */
    void tag(String repository, String tag, Digest digest) throws IOException {
        named(
                () -> {
                    if (repositories.find(repository, digest).isEmpty()) {
                        throw new RegistryFault(
                                Code.MANIFEST_UNKNOWN,
                                "somebody deleted " + digest + " while it was pushed; push again");
                    }
                    return shares.added(
                            repository,
                            check -> {
                                boolean there = repositories.tagged(repository, tag).isPresent();
                                check.add(digest, 0, there ? 0 : 1);
                                repositories.tag(repository, tag, digest);
                                return digest;
                            });
                });
    }

    /** Tags and deletions of manifests take turns, so that no tag points to nothing. */
    private <T> T named(Change<T> change) throws IOException {
        return undisturbed(
                () -> {
                    naming.lock();
                    try {
                        return change.make();
                    } finally {
                        naming.unlock();
                    }
                });
    }

    /** Takes a manifest and its tags away; whether it was there. */
    boolean delete(String repository, Digest digest) throws IOException {
        boolean deleted =
                named(
                        () -> {
                            Optional<Repositories.Entry> entry =
                                    repositories.find(repository, digest);
                            return entry.isPresent()
                                    && repositories.remove(
                                            repository, digest, read(entry.get()).subject());
                        });
        removeIfUnseen(deleted, digest);
        return deleted;
    }

    /** A repository shows a blob no more; whether it did. */
    boolean unlink(String repository, Digest blob) throws IOException {
        boolean unlinked = undisturbed(() -> repositories.unlink(repository, blob));
        removeIfUnseen(unlinked, blob);
        return unlinked;
    }

    /**
     * What no repository shows goes at once: it counts for nobody any more, so that it could be
     * pushed and deleted again and again until the disk is full.
     */
    private void removeIfUnseen(boolean deleted, Digest blob) throws IOException {
        if (!deleted) {
            return;
        }
        noteDeletion();
        collecting.writeLock().lock();
        try {
            for (String repository : repositories.all()) {
                if (repositories.shows(repository, blob)) {
                    return;
                }
            }
            blobs.remove(blob);
        } finally {
            collecting.writeLock().unlock();
        }
    }

    private void noteDeletion() {
        deletedNanos = OptionalLong.of(clock.nanos());
        shares.recount();
    }

    /** A repository's tag is gone; whether it was there. */
    boolean untag(String repository, String tag) throws IOException {
        boolean untagged = undisturbed(() -> repositories.untag(repository, tag));
        if (untagged) {
            noteDeletion();
        }
        return untagged;
    }

    /**
     * Removes what was needed only by what was deleted since the last time, and once more when what
     * was pushed just before then may go.
     */
    void collectDeleted() throws IOException {
        OptionalLong deleted = deletedNanos;
        if (deleted.isEmpty()) {
            return;
        }
        long now = clock.nanos();
        boolean again = now - deleted.getAsLong() > WITHOUT_MANIFEST.toNanos();
        if (again) {
            deletedNanos = OptionalLong.empty();
        } else if (collectedNanos.isPresent()
                && collectedNanos.getAsLong() - deleted.getAsLong() >= 0) {
            return;
        }
        collectedNanos = OptionalLong.of(now);
        collect();
    }

    /** A manifest that was accepted once, so it is sound. */
    PushedManifest read(Repositories.Entry entry) throws IOException {
        try {
            return PushedManifest.read(blobs.read(entry.digest()), entry.mediaType());
        } catch (BadDocumentException damaged) {
            throw new IOException("manifest " + entry.digest() + " is damaged", damaged);
        }
    }

    /**
     * Removes blobs that no manifest needs (mark and sweep), uploads that nobody goes on with, and
     * empty repositories. Pushes wait meanwhile.
     *
     * @return bytes of the blobs that were removed
     */
    long collect() throws IOException {
        return collect(digest -> true);
    }

    /**
     * As {@link #collect()}, and takes away the manifests without a tag that are not part of a
     * tagged index, not about something that stays, and not among those to keep.
     */
    long collect(Predicate<Digest> keep) throws IOException {
        uploads.expire();
        collecting.writeLock().lock();
        try {
            Sweep sweep = new Sweep(this, keep, clock.now().minus(WITHOUT_MANIFEST));
            Set<Digest> needed = new HashSet<>();
            for (String repository : repositories.all()) {
                needed.addAll(sweep.run(repository));
            }
            long bytes = 0;
            for (Digest blob : blobs.all()) {
                if (!needed.contains(blob)) {
                    bytes += blobs.size(blob).orElse(0L);
                    blobs.remove(blob);
                }
            }
            return bytes;
        } finally {
            shares.recount();
            collecting.writeLock().unlock();
        }
    }

    /** Bytes of all blobs, and of those that are coming in. */
    long bytes() throws IOException {
        long bytes = uploads.bytes();
        for (Digest blob : blobs.all()) {
            bytes += blobs.size(blob).orElse(0L);
        }
        return bytes;
    }
}
