package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import dev.hearth.imagecache.store.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The blobs that are coming in. Each belongs to one repository and is gone when it was finished,
 * cancelled, or not touched for {@link #IDLE}. They do not live through a restart: clients begin
 * anew then.
 */
final class Uploads {
    /** As long as a builder may need between two chunks. */
    static final Duration IDLE = Duration.ofHours(1);

    /** Once there are {@link #MOST}: clients that broke off are not to keep the others out. */
    static final Duration IDLE_IN_A_CROWD = Duration.ofMinutes(1);

    static final int MOST = 256;

    private final RegistryPaths paths;
    private final Clock clock;
    private final long mostBytes;
    private final ConcurrentHashMap<String, Upload> open = new ConcurrentHashMap<>();

    /**
     * @param mostBytes of one blob
     */
    Uploads(RegistryPaths paths, Clock clock, long mostBytes) {
        this.paths = paths;
        this.clock = clock;
        this.mostBytes = mostBytes;
    }

    /** Throws away what a process before this one left. */
    void load() throws IOException {
        for (Path left : Disk.children(paths.uploads())) {
            Disk.remove(left);
        }
    }

    /** One at a time, so that there are never more than allowed. */
    synchronized Upload begin(String repository) throws IOException {
        return begin(repository, false);
    }

    /** An archive that comes in, which will not be a blob itself. */
    synchronized Upload beginArchive(String repository) throws IOException {
        return begin(repository, true);
    }

    private Upload begin(String repository, boolean isArchive) throws IOException {
        if (open.size() >= MOST) {
            expire(IDLE_IN_A_CROWD);
        }
        if (open.size() >= MOST) {
            throw new RegistryFault(
                    Code.TOOMANYREQUESTS,
                    MOST + " blobs are being pushed already; try again when some are done");
        }
        String id = UUID.randomUUID().toString();
        Upload upload =
                new Upload(
                        id, repository, isArchive, paths.uploads().resolve(id), mostBytes, clock);
        open.put(id, upload);
        return upload;
    }

    /** The upload of that id, if it is one of that repository. */
    Upload find(String repository, String id) {
        Upload upload = open.get(id);
        if (upload == null || !upload.repository().equals(repository)) {
            throw unknown(repository, id);
        }
        return upload;
    }

    static RegistryFault unknown(String repository, String id) {
        return new RegistryFault(
                Code.BLOB_UPLOAD_UNKNOWN,
                "there is no upload "
                        + id
                        + " in "
                        + repository
                        + "; it was finished, cancelled or not touched for an hour: push again");
    }

    /** Adds a chunk; an upload that cannot go on after it is gone. */
    void append(Upload upload, InputStream chunk, OptionalLong start, Shares.Room room)
            throws IOException {
        try {
            upload.append(chunk, start, room);
        } finally {
            if (upload.isBroken()) {
                cancel(upload);
            }
        }
    }

    /**
     * Checks the digest of what came and makes it a blob; the upload is over either way, unless a
     * chunk is still coming in.
     *
     * @param check is asked when nothing can be added to it any more
     */
    void finish(Upload upload, Digest digest, Blobs blobs, Finished check) throws IOException {
        Digest actual = upload.end();
        if (!open.remove(upload.id(), upload)) {
            throw unknown(upload.repository(), upload.id()); // cancelled at the same moment
        }
        try (upload) {
            if (!actual.equals(digest)) {
                throw new RegistryFault(
                        Code.DIGEST_INVALID,
                        "what was pushed has the digest "
                                + actual
                                + " instead of "
                                + digest
                                + "; push again");
            }
            check.accept(upload.size());
            upload.sync();
            blobs.publish(upload.file(), digest);
        }
    }

    /** Told of what has come. */
    interface Finished {
        /** Throws when it may not be a blob. */
        void accept(long bytes) throws IOException;
    }

    void cancel(Upload upload) throws IOException {
        if (open.remove(upload.id(), upload)) {
            upload.close();
        }
    }

    /** Cancels what nobody touched for {@link #IDLE}. */
    void expire() throws IOException {
        expire(IDLE);
    }

    private void expire(Duration idle) throws IOException {
        long before = clock.nanos() - idle.toNanos();
        for (Upload upload : open.values()) {
            if (upload.touchedNanos() - before < 0) {
                cancel(upload);
            }
        }
    }

    /** Bytes of blobs that are coming in, to some repositories. */
    long bytes(Predicate<String> repositories) {
        return open.values().stream()
                .filter(upload -> !upload.isArchive() && repositories.test(upload.repository()))
                .mapToLong(Upload::size)
                .sum();
    }

    /** Bytes on disk of all of them. */
    long bytes() {
        return open.values().stream().mapToLong(Upload::size).sum();
    }
}
