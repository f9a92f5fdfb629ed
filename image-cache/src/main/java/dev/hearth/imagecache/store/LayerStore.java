package dev.hearth.imagecache.store;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The unpacked layers of this node, each there once however many images have it.
 *
 * <p>Concurrency: whoever asks first for a layer unpacks it; whoever asks meanwhile waits for that
 * one, and when it fails tries with its own source, since the fault may have been the other's.
 *
 * <p>Crash: a layer is unpacked aside, synced with its whole file system, and only then renamed
 * into {@code layers/}. What a crash leaves is in {@code unpacking/} and goes at the next start.
 */
public final class LayerStore {
    private final CachePaths paths;
    private final Map<Digest, LayerFacts> known = new ConcurrentHashMap<>();
    private final Map<Digest, CompletableFuture<LayerFacts>> underWay = new ConcurrentHashMap<>();

    public LayerStore(CachePaths paths) {
        this.paths = paths;
    }

    /** Fetches and unpacks a layer into an empty directory; on return all of it is on the disk. */
    public interface Unpacking {
        LayerUnpacker.Unpacked into(Path directory) throws IOException;
    }

    /** Learns what is on disk and removes layers of which the record is missing or damaged. */
    void load() throws IOException {
        for (Path layer : Disk.children(paths.layers())) {
            Optional<Digest> diffId = CachePaths.digest(layer);
            if (diffId.isPresent()) {
                Optional<LayerFacts> facts = read(paths.facts(diffId.get()));
                if (facts.isPresent()) {
                    known.put(diffId.get(), facts.get());
                } else {
                    remove(diffId.get());
                }
            }
        }
    }

    private static Optional<LayerFacts> read(Path facts) throws IOException {
        if (!Files.exists(facts)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.read(Files.readAllBytes(facts), LayerFacts.class, "record"));
        } catch (BadDocumentException damaged) {
            return Optional.empty();
        }
    }

    /** Removes the layers that no image has. Only at start, while nothing is pulled. */
    void removeAllBut(Set<Digest> used) throws IOException {
        for (Digest diffId : Set.copyOf(known.keySet())) {
            if (!used.contains(diffId)) {
                remove(diffId);
            }
        }
        for (Path facts : Disk.children(paths.factsDirectory())) {
            Optional<Digest> diffId = CachePaths.digest(facts);
            if (diffId.isPresent() && !known.containsKey(diffId.get())) {
                Files.delete(facts);
            }
        }
    }

    private void remove(Digest diffId) throws IOException {
        known.remove(diffId);
        // Moved aside first: a half-removed layer must not stand where a whole one is expected.
        Path aside = Files.createTempDirectory(paths.unpacking(), "removed-");
        Files.move(paths.layer(diffId), aside.resolve("layer"));
        Disk.remove(aside);
    }

    public Optional<LayerFacts> facts(Digest diffId) {
        return Optional.ofNullable(known.get(diffId));
    }

    /** The layer's facts; unpacks it if it is not there, or waits for whoever does. */
    public LayerFacts ensure(Digest diffId, Unpacking unpacking) throws IOException {
        while (true) {
            LayerFacts there = known.get(diffId);
            if (there != null) {
                return there;
            }
            CompletableFuture<LayerFacts> mine = new CompletableFuture<>();
            CompletableFuture<LayerFacts> other = underWay.putIfAbsent(diffId, mine);
            if (other == null) {
                return unpackAndTell(diffId, unpacking, mine);
            }
            try {
                return other.join();
            } catch (CompletionException theirs) {
                continue; // theirs to report; now with our own source
            }
        }
    }

    private LayerFacts unpackAndTell(
            Digest diffId, Unpacking unpacking, CompletableFuture<LayerFacts> told)
            throws IOException {
        try {
            LayerFacts there = known.get(diffId); // published since we last looked
            LayerFacts facts = there != null ? there : unpack(diffId, unpacking);
            known.put(diffId, facts);
            told.complete(facts);
            return facts;
        } finally {
            underWay.remove(diffId, told);
            told.completeExceptionally(new IOException("unpacking " + diffId + " failed"));
        }
    }

    private LayerFacts unpack(Digest diffId, Unpacking unpacking) throws IOException {
        Path work = Files.createTempDirectory(paths.unpacking(), "layer-");
        try {
            LayerUnpacker.Unpacked unpacked = unpacking.into(work);
            LayerFacts facts =
                    new LayerFacts(unpacked.entries(), unpacked.bytes(), unpacked.opaqueRoot());
            Disk.writeFile(paths.facts(diffId), Json.write(facts), paths.unpacking());
            Disk.publish(work, paths.layer(diffId));
            return facts;
        } finally {
            Disk.remove(work);
        }
    }
}
