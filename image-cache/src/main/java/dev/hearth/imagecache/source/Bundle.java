package dev.hearth.imagecache.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Files by name: a directory, or a tar file that is read in place. */
interface Bundle extends AutoCloseable {
    /** Where a file's bytes are, or empty when there is no such file. */
    Optional<Content> find(String name) throws IOException;

    /** A file in a bundle. */
    interface Content {
        long size() throws IOException;

        /** Its bytes from the first on; the caller closes the stream. */
        InputStream open() throws IOException;
    }

    /** All of a small file. */
    default Optional<byte[]> read(String name, int mostBytes) throws IOException {
        Optional<Content> content = find(name);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = content.get().open()) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new IOException(name + " has more than " + mostBytes + " bytes");
            }
            return Optional.of(bytes);
        }
    }

    @Override
    void close() throws IOException;
}
