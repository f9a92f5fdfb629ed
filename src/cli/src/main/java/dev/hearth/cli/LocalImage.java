package dev.hearth.cli;

import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An image on this machine's disk: a file that {@code docker save} or {@code podman save} wrote, or
 * the directory of an OCI layout.
 */
record LocalImage(Path path) {
    private static final int PIPE_BYTES = 256 * 1024;

    /** What {@code --image} names, when that is a file or directory here. */
    static Optional<LocalImage> of(String text) {
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        boolean looksLikeOne =
                text.startsWith("/") || text.startsWith("./") || text.startsWith("../");
        if (!Files.exists(path)) {
            if (looksLikeOne) {
                throw HearthException.invalid(
                        "image-not-found", "there is no file or directory " + path);
            }
            return Optional.empty();
        }
        if (Files.isDirectory(path) && !Files.exists(path.resolve("index.json"))) {
            throw HearthException.invalid(
                    "image-not-found",
                    path
                            + " is not an OCI layout (it has no index.json); to build what is in it"
                            + " say --source "
                            + path);
        }
        return Optional.of(new LocalImage(path));
    }

    /** The image as one tar stream; the caller closes it. */
    InputStream archive() {
        try {
            return Files.isDirectory(path) ? packed() : Files.newInputStream(path);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + path + " failed: " + e.getMessage(), e);
        }
    }

    private InputStream packed() throws IOException {
        Packing packing = new Packing(path);
        PipedOutputStream out = new PipedOutputStream(packing);
        Thread.ofVirtual().start(() -> packing.pack(out));
        return packing;
    }

    /** A tar that is read while it is being written; what breaks the writing breaks the reading. */
    private static final class Packing extends PipedInputStream {
        private final Path directory;
        private volatile @Nullable IOException failure;

        Packing(Path directory) {
            super(PIPE_BYTES);
            this.directory = directory;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            IOException broken = failure;
            if (n < 0 && broken != null) {
                throw broken;
            }
            return n;
        }

        private void pack(OutputStream out) {
            try (out) {
                write(new TarArchiveOutputStream(out));
            } catch (IOException e) {
                failure = new IOException("packing " + directory + " failed: " + e, e);
            }
        }

        /** Does not close the archive: one that is not whole must not have an end. */
        private void write(TarArchiveOutputStream tar) throws IOException {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Path file : files(directory)) {
                tar.putArchiveEntry(
                        new TarArchiveEntry(file, directory.relativize(file).toString()));
                Files.copy(file, tar);
                tar.closeArchiveEntry();
            }
            tar.finish();
            tar.flush();
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory, 4)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
