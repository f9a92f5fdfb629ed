package dev.hearth.runtime.machine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** What is worth keeping from one run of the tests to the next: downloaded, or slow to make. */
final class TestCache {
    /** Fills a new, empty directory. */
    interface Maker {
        void fill(Path directory) throws IOException;
    }

    private TestCache() {}

    private static Path root() {
        return Optional.ofNullable(System.getenv("HEARTH_CACHE"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache/hearth"))
                .resolve("kernel");
    }

    /** The directory of that name, made whole before it gets the name. */
    static Path directory(String name, Maker maker) throws IOException {
        Path wanted = root().resolve(name);
        if (Files.isDirectory(wanted)) {
            return wanted;
        }
        Path made = Files.createTempDirectory(Files.createDirectories(root()), "new-");
        try {
            maker.fill(made.resolve(name));
            Files.move(made.resolve(name), wanted);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException another) {
            return wanted; // another run was faster
        } finally {
            delete(made);
        }
        return wanted;
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
