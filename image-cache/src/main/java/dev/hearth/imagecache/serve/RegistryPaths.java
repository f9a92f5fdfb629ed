package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * The layout of the embedded registry on disk; nobody else builds a path in it.
 *
 * <pre>
 * registry/
 *   blobs/HEX                               a manifest, configuration or layer as it was pushed
 *   repositories/NAME/_blobs/HEX            empty; the repository may show that blob
 *   repositories/NAME/_manifests/HEX        its content: the manifest's media type
 *   repositories/NAME/_tags/TAG             its content: a manifest's digest
 *   repositories/NAME/_referrers/HEX/HEX    empty; the second manifest's subject is the first
 *   uploads/ID                              a blob that is coming in; emptied at each start
 * </pre>
 *
 * No part of a repository's name begins with an underscore, so names and these cannot be mixed up.
 */
final class RegistryPaths {
    private final Path root;

    /**
     * @param data the node's data directory
     */
    RegistryPaths(Path data) {
        this.root = data.toAbsolutePath().normalize().resolve("registry");
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path blob(Digest digest) {
        return blobs().resolve(digest.hex());
    }

    Path repositories() {
        return root.resolve("repositories");
    }

    Path repository(String name) {
        return repositories().resolve(name);
    }

    Path links(String repository) {
        return repository(repository).resolve("_blobs");
    }

    Path link(String repository, Digest blob) {
        return links(repository).resolve(blob.hex());
    }

    Path manifests(String repository) {
        return repository(repository).resolve("_manifests");
    }

    Path manifest(String repository, Digest digest) {
        return manifests(repository).resolve(digest.hex());
    }

    Path tags(String repository) {
        return repository(repository).resolve("_tags");
    }

    Path tag(String repository, String tag) {
        return tags(repository).resolve(tag);
    }

    Path referrers(String repository, Digest subject) {
        return repository(repository).resolve("_referrers").resolve(subject.hex());
    }

    Path uploads() {
        return root.resolve("uploads");
    }

    List<Path> directories() {
        return List.of(blobs(), repositories(), uploads());
    }
}
