package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import dev.hearth.imagecache.store.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blobs that are coming in. Each belongs to one repository and is gone when it was finished,
 * cancelled, or not touched for {@link #IDLE}. They do not live through a restart: clients begin
 * anew then.
 */
final class Uploads {
    /** As long as a builder may need between two chunks. */
    static final Duration IDLE = Duration.ofHours(1);

    private static final int MOST = 256;

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

    Upload begin(String repository) throws IOException {
        if (open.size() >= MOST) {
            throw new RegistryFault(
                    Code.TOOMANYREQUESTS,
                    MOST + " blobs are being pushed already; try again when some are done");
        }
        String id = UUID.randomUUID().toString();
        Upload upload = new Upload(id, repository, paths.uploads().resolve(id), mostBytes, clock);
        open.put(id, upload);
        return upload;
    }

    /** The upload of that id, if it is one of that repository. */
    Upload find(String repository, String id) {
        Upload upload = open.get(id);
        if (upload == null || !upload.repository().equals(repository)) {
            throw new RegistryFault(
                    Code.BLOB_UPLOAD_UNKNOWN,
                    "there is no upload "
                            + id
                            + " in "
                            + repository
                            + "; it was finished, cancelled or not touched for an hour: push again");
        }
        return upload;
    }

    /** Checks the digest of what came and makes it a blob; the upload is over either way. */
    void finish(Upload upload, Digest digest, Blobs blobs) throws IOException {
        try (upload) {
            blobs.publish(upload.complete(digest), digest);
        } finally {
            open.remove(upload.id());
        }
    }

    void cancel(Upload upload) throws IOException {
        open.remove(upload.id());
        upload.close();
    }

    /** Cancels what nobody touched for {@link #IDLE}. */
    void expire() throws IOException {
        long before = clock.nanos() - IDLE.toNanos();
        for (Upload upload : open.values()) {
            if (upload.touchedNanos() - before < 0) {
                cancel(upload);
            }
        }
    }
}
