package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One blob that is coming in: a file, how much of it is there, and the hash of that. What came
 * before a client broke off is kept, so that it may go on from there.
 */
final class Upload implements AutoCloseable {
    private static final int BUFFER = 128 * 1024;

    private final String id;
    private final String repository;
    private final boolean isArchive;
    private final Path file;
    private final long mostBytes;
    private final Clock clock;
    private final FileChannel channel;
    private final MessageDigest sha256;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long size;
    private volatile long touchedNanos;
    private volatile boolean broken;
    private boolean ended; // guarded by writing

    Upload(String id, String repository, boolean isArchive, Path file, long mostBytes, Clock clock)
            throws IOException {
        this.id = id;
        this.repository = repository;
        this.isArchive = isArchive;
        this.file = file;
        this.mostBytes = mostBytes;
        this.clock = clock;
        this.channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.touchedNanos = clock.nanos();
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    String id() {
        return id;
    }

    String repository() {
        return repository;
    }

    /** Whether it is not to be a blob, but what blobs are taken from. */
    boolean isArchive() {
        return isArchive;
    }

    Path file() {
        return file;
    }

    /** Bytes that came so far. */
    long size() {
        return size;
    }

    long touchedNanos() {
        return touchedNanos;
    }

    /** Whether nobody can go on with it: it is too large, or the disk did not take it. */
    boolean isBroken() {
        return broken;
    }

    /**
     * Adds a chunk; one at a time.
     *
     * @param start where the client says it begins
     * @param room for all of it
     */
    void append(InputStream chunk, OptionalLong start, Shares.Room room) throws IOException {
        lock();
        try {
            if (start.isPresent() && start.getAsLong() != size) {
                throw new RegistryFault(
                        Code.BLOB_UPLOAD_INVALID,
                        416,
                        "the chunk begins at "
                                + start.getAsLong()
                                + " but the upload has "
                                + size
                                + " bytes");
            }
            byte[] buffer = new byte[BUFFER];
            for (int n = chunk.read(buffer); n >= 0; n = chunk.read(buffer)) {
                add(buffer, n, room);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Only one at a time adds to it, and none once it was ended. */
    private void lock() {
        if (!writing.tryLock()) {
            throw new RegistryFault(
                    Code.BLOB_UPLOAD_INVALID,
                    409,
                    "another chunk of this upload is coming in; send one after the other");
        }
        if (ended) {
            writing.unlock();
            throw Uploads.unknown(repository, id);
        }
    }

    private void add(byte[] buffer, int length, Shares.Room room) throws IOException {
        if (size + length > mostBytes) {
            broken = true;
            throw new RegistryFault(
                    Code.SIZE_INVALID, "the blob has more than " + mostBytes + " bytes");
        }
        try {
            room.check(size + length);
        } catch (RegistryFault tooMuch) {
            broken = true;
            throw tooMuch;
        }
        write(ByteBuffer.wrap(buffer, 0, length));
        sha256.update(buffer, 0, length);
        size += length;
        touchedNanos = clock.nanos();
    }

    private void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, size + bytes.position());
            }
        } catch (ClosedByInterruptException e) {
            broken = true;
            throw e;
        } catch (ClosedChannelException cancelled) {
            throw Uploads.unknown(repository, id);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    /** The digest of all that came; nothing can be added any more. Once only. */
    Digest end() {
        lock();
        try {
            ended = true; // a chunk that is late would change the file when it is a blob already
            return Digest.sha256(HexFormat.of().formatHex(sha256.digest()));
        } finally {
            writing.unlock();
        }
    }

    /** Waits until it is on the disk itself. */
    void sync() throws IOException {
        channel.force(true);
    }

    /** Ends it; what is not a blob by now is deleted. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
