package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What each project has in the registry, and that none gets more than it may. Counted is what a
 * push can make: every blob and manifest that a repository of the project shows, once for the
 * project, in whole blocks; and a block for each entry of a repository, so that many small files
 * are not free. What is coming in counts as well.
 *
 * <p>Concurrency: whatever adds to a bounded project's share is counted and added under that
 * project's lock, so that it is exact however many push at once. A stream is held against a count
 * of a moment ago, and against the exact one at its end.
 */
final class Shares {
    /** What a file takes on the disk at least. */
    static final long BLOCK = 4096;

    /** For how long a count is good enough for what is still coming in. */
    private static final long RECENT_NANOS = Duration.ofSeconds(1).toNanos();

    private final Repositories repositories;
    private final Blobs blobs;
    private final Uploads uploads;
    private final Clock clock;
    private final Map<ProjectName, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Map<ProjectName, Counted> counted = new ConcurrentHashMap<>();
    private volatile RegistryBounds bounds = RegistryBounds.NONE;

    /**
     * What a project has on the disk.
     *
     * @param blobs that it is counted for already
     */
    private record Held(long bytes, Set<Digest> blobs) {}

    /**
     * A count, by the clock.
     *
     * @param bytes of what is not coming in any more
     */
    private record Counted(long bytes, long nanos) {}

    Shares(Repositories repositories, Blobs blobs, Uploads uploads, Clock clock) {
        this.repositories = repositories;
        this.blobs = blobs;
        this.uploads = uploads;
        this.clock = clock;
    }

    void bound(RegistryBounds bounds) {
        this.bounds = bounds;
    }

    /** Something was deleted. */
    void recount() {
        counted.clear();
    }

    /** See {@link dev.hearth.contracts.ImageAdminPort#registryBytes}. */
    long used(ProjectName project) throws IOException {
        return held(project).bytes() + arriving(project);
    }

    private long arriving(ProjectName project) {
        return uploads.bytes(repository -> bounds.owner(repository).equals(project));
    }

    private Held held(ProjectName project) throws IOException {
        Set<Digest> seen = new HashSet<>();
        long bytes = 0;
        for (String repository : repositories.all()) {
            if (bounds.owner(repository).equals(project)) {
                bytes += BLOCK * repositories.tags(repository).size();
                bytes += held(repositories.links(repository), seen);
                bytes += held(repositories.manifests(repository), seen);
            }
        }
        counted.put(project, new Counted(bytes, clock.nanos()));
        return new Held(bytes, seen);
    }

    private long held(Iterable<Digest> entries, Set<Digest> seen) throws IOException {
        long bytes = 0;
        for (Digest digest : entries) {
            bytes += BLOCK;
            if (seen.add(digest)) {
                bytes += blocks(blobs.size(digest).orElse(0L));
            }
        }
        return bytes;
    }

    private static long blocks(long bytes) {
        return (bytes + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** Whether a stream may go on. */
    interface Room {
        Room ENDLESS = bytes -> {};

        /**
         * Throws DENIED when it may not.
         *
         * @param bytes that it will have
         */
        void check(long bytes);
    }

    /** For a blob that comes in; {@link #added} has the last word. */
    Room forBlob(Upload upload) throws IOException {
        ProjectName project = bounds.owner(upload.repository());
        long most = bounds.mostBytes(project);
        if (most == 0) {
            return Room.ENDLESS;
        }
        Counted last = counted.get(project);
        long held =
                last != null && clock.nanos() - last.nanos() < RECENT_NANOS
                        ? last.bytes()
                        : held(project).bytes();
        return bytes -> {
            if (held + arriving(project) - upload.size() + bytes > most) {
                throw refusal(project, most, held);
            }
        };
    }

    /**
     * For an archive, which is gone again once its blobs were taken out of it, each of which is
     * counted: it may be as large as all that there may be.
     */
    Room forArchive(String repository) {
        ProjectName project = bounds.owner(repository);
        long most = bounds.mostBytes(project);
        if (most == 0) {
            return Room.ENDLESS;
        }
        return bytes -> {
            if (bytes > most) {
                throw refusal(project, most, 0);
            }
        };
    }

    /** Adds something, of which {@link Check} is to be asked first. */
    interface Addition<T> {
        T make(Check check) throws IOException;
    }

    /** Whether something may be added. */
    interface Check {
        /**
         * Throws DENIED when it may not.
         *
         * @param bytes of the blob
         * @param entries of repositories that are new
         */
        void add(Digest blob, long bytes, int entries) throws IOException;
    }

    /** Makes an addition to a repository, one at a time for each bounded project. */
    <T> T added(String repository, Addition<T> addition) throws IOException {
        ProjectName project = bounds.owner(repository);
        long most = bounds.mostBytes(project);
        if (most == 0) {
            return addition.make((blob, bytes, entries) -> {});
        }
        ReentrantLock lock = locks.computeIfAbsent(project, first -> new ReentrantLock(true));
        lock.lock(); // for as long as another push of the project takes to write what it has
        try {
            return addition.make(
                    (blob, bytes, entries) -> check(project, most, blob, bytes, entries));
        } finally {
            lock.unlock();
        }
    }

    private void check(ProjectName project, long most, Digest blob, long bytes, int entries)
            throws IOException {
        Held held = held(project);
        long more = entries * BLOCK + (held.blobs().contains(blob) ? 0 : blocks(bytes));
        if (more > 0 && held.bytes() + more > most) {
            throw refusal(project, most, held.bytes());
        }
        counted.put(project, new Counted(held.bytes() + more, clock.nanos()));
    }

    private static RegistryFault refusal(ProjectName project, long most, long held) {
        return new RegistryFault(
                Code.DENIED,
                "the push would go beyond the storage quota of the project \""
                        + project
                        + "\", "
                        + new DataSize(most)
                        + ", of which "
                        + new DataSize(held)
                        + " are in use; delete images that nobody needs (what only they have is"
                        + " free within a minute, or an hour after it was pushed), or have an admin"
                        + " raise it with `hearth quota --storage`");
    }
}
