package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.store.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was pushed, by digest: each there once however many repositories show it, and there only
 * when it is whole.
 */
final class Blobs {
    private final RegistryPaths paths;

    Blobs(RegistryPaths paths) {
        this.paths = paths;
    }

    /** Its bytes' number, or empty when it is not here. */
    Optional<Long> size(Digest digest) throws IOException {
        try {
            return Optional.of(Files.size(paths.blob(digest)));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    /** Takes a complete file, of which the digest was checked and which is on the disk. */
    void publish(Path work, Digest digest) throws IOException {
        Disk.publish(work, paths.blob(digest));
    }

    /** Writes a small blob, of which the digest was checked. */
    void write(byte[] content, Digest digest) throws IOException {
        if (size(digest).isEmpty()) {
            Disk.writeFile(paths.blob(digest), content, paths.uploads());
        }
    }

    /** Its bytes from a position on; the caller closes the stream. */
    InputStream open(Digest digest, long from) throws IOException {
        FileChannel channel = FileChannel.open(paths.blob(digest), StandardOpenOption.READ);
        try {
            channel.position(from);
            return Channels.newInputStream(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** All of a blob that is known to be small. */
    byte[] read(Digest digest) throws IOException {
        return Files.readAllBytes(paths.blob(digest));
    }

    List<Digest> all() throws IOException {
        List<Digest> digests = new ArrayList<>();
        for (Path file : Disk.children(paths.blobs())) {
            digests.add(Digest.sha256(String.valueOf(file.getFileName())));
        }
        return digests;
    }

    void remove(Digest digest) throws IOException {
        Files.deleteIfExists(paths.blob(digest));
    }
}
