package dev.hearth.imagecache.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files below a directory. */
final class DirectoryBundle implements Bundle {
    private final Path directory;

    DirectoryBundle(Path directory) {
        this.directory = directory;
    }

    @Override
    public Optional<Content> find(String name) {
        Path file = directory.resolve(name);
        // A pipe or a device would block for ever where a file is expected.
        return Files.isRegularFile(file) ? Optional.of(new FileContent(file)) : Optional.empty();
    }

    private record FileContent(Path file) implements Content {
        @Override
        public long size() throws IOException {
            return Files.size(file);
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }

    @Override
    public void close() {}
}
