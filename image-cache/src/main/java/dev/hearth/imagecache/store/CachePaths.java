package dev.hearth.imagecache.store;

import dev.hearth.contracts.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The layout of the image store on disk; nobody else builds a path in it.
 *
 * <pre>
 * images/
 *   layers/HEX/          an unpacked layer, HEX of its diff id; there only when complete
 *   facts/HEX.json       what is known of that layer: entries, bytes
 *   large/HEX            paths of its large files, for sharing them with other layers
 *   configs/HEX.json     an image's configuration, byte for byte
 *   manifests/HEX.json   an image's manifest, byte for byte; there only when all else is
 *   uses/HEX.json        by what names that image came, and when it was used last
 *   unpacking/           work in progress; emptied at each start
 * </pre>
 */
public final class CachePaths {
    private static final String JSON = ".json";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private final Path root;

    /**
     * @param data the node's data directory
     */
    public CachePaths(Path data) {
        this.root = data.toAbsolutePath().normalize().resolve("images");
    }

    public Path root() {
        return root;
    }

    /** The parent of all unpacked layers; a mount of it reaches each by the hex of its diff id. */
    public Path layers() {
        return root.resolve("layers");
    }

    public Path layer(Digest diffId) {
        return layers().resolve(diffId.hex());
    }

    Path factsDirectory() {
        return root.resolve("facts");
    }

    Path facts(Digest diffId) {
        return factsDirectory().resolve(diffId.hex() + JSON);
    }

    Path largeDirectory() {
        return root.resolve("large");
    }

    Path large(Digest diffId) {
        return largeDirectory().resolve(diffId.hex());
    }

    Path configs() {
        return root.resolve("configs");
    }

    Path config(Digest digest) {
        return configs().resolve(digest.hex() + JSON);
    }

    Path manifests() {
        return root.resolve("manifests");
    }

    Path manifest(Digest digest) {
        return manifests().resolve(digest.hex() + JSON);
    }

    Path uses() {
        return root.resolve("uses");
    }

    Path use(Digest digest) {
        return uses().resolve(digest.hex() + JSON);
    }

    Path unpacking() {
        return root.resolve("unpacking");
    }

    List<Path> directories() {
        return List.of(
                layers(),
                factsDirectory(),
                largeDirectory(),
                configs(),
                manifests(),
                uses(),
                unpacking());
    }

    /** The digest that an entry of this layout is named by; empty for what is not ours. */
    static Optional<Digest> digest(Path named) {
        String name = String.valueOf(named.getFileName());
        String hex = name.endsWith(JSON) ? name.substring(0, name.length() - JSON.length()) : name;
        return HEX.matcher(hex).matches() ? Optional.of(Digest.sha256(hex)) : Optional.empty();
    }
}
