package dev.hearth.imagecache.store;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

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
    private static final Logger LOG = Logger.getLogger(LayerStore.class);
    private final CachePaths paths;
    private final SharedFiles shared;
    private final Map<Digest, LayerFacts> known = new ConcurrentHashMap<>();
    private final Map<Digest, CompletableFuture<LayerFacts>> underWay = new ConcurrentHashMap<>();
    private final Map<Digest, Integer> held = new HashMap<>(); // how often; its own lock

    public LayerStore(CachePaths paths) {
        this.paths = paths;
        this.shared = new SharedFiles(paths);
    }

    /** Replaces large files of a layer that is being unpacked by equal ones of other layers. */
    public void share(Path layer, List<String> large) throws IOException {
        shared.share(layer, large);
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
                    shared.load(diffId.get());
                } else {
                    Disk.remove(setAside(diffId.get()));
                }
            }
        }
        removeStrayFacts();
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

    /** Layers that stay while it is open, whether an image has them yet or not. */
    public final class Hold implements AutoCloseable {
        private final List<Digest> diffIds;

        private Hold(Collection<Digest> diffIds) {
            this.diffIds = List.copyOf(diffIds);
        }

        @Override
        public void close() {
            synchronized (held) {
                diffIds.forEach(d -> held.computeIfPresent(d, (k, n) -> n == 1 ? null : n - 1));
            }
        }
    }

    /** Keeps these layers from {@link #removeAllBut}, those that come meanwhile too. */
    public Hold hold(Collection<Digest> diffIds) {
        synchronized (held) {
            diffIds.forEach(d -> held.merge(d, 1, Integer::sum));
        }
        return new Hold(diffIds);
    }

    /**
     * Removes the layers that nobody uses or holds.
     *
     * @param used asked for when no further hold can be taken, so that an image whose pull ends now
     *     is either held or among them
     * @return bytes on disk of what was removed
     */
    long removeAllBut(Supplier<Set<Digest>> used) throws IOException {
        long bytes = 0;
        List<Path> removed = new ArrayList<>();
        try {
            synchronized (held) {
                Set<Digest> staying = used.get();
                for (Map.Entry<Digest, LayerFacts> layer : known.entrySet()) {
                    Digest diffId = layer.getKey();
                    if (!staying.contains(diffId) && !held.containsKey(diffId)) {
                        removed.add(setAside(diffId));
                        bytes += layer.getValue().diskBytes();
                    }
                }
            }
        } finally {
            for (Path aside : removed) { // also when a later one could not be set aside
                Disk.remove(aside);
            }
        }
        return bytes;
    }

    /** Bytes on disk of all layers. */
    public long bytes() {
        return known.values().stream().mapToLong(LayerFacts::diskBytes).sum();
    }

    /** Removes what is known of layers that are not there. Only at start. */
    private void removeStrayFacts() throws IOException {
        for (Path directory : List.of(paths.factsDirectory(), paths.largeDirectory())) {
            for (Path record : Disk.children(directory)) {
                Optional<Digest> diffId = CachePaths.digest(record);
                if (diffId.isPresent() && !known.containsKey(diffId.get())) {
                    Files.delete(record);
                }
            }
        }
    }

    /** Takes a layer away whole: a half-removed one must not stand where others look for it. */
    private Path setAside(Digest diffId) throws IOException {
        Path aside = paths.unpacking().resolve("removed-" + UUID.randomUUID());
        Files.move(paths.layer(diffId), aside); // needs no room, which may be what is missing
        known.remove(diffId);
        Files.deleteIfExists(paths.facts(diffId));
        shared.remove(diffId);
        return aside;
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

    /** Without it no later layer shares this one's files, which is no reason to fail. */
    private void remember(Digest diffId, List<String> large) {
        try {
            shared.add(diffId, large);
        } catch (IOException e) {
            LOG.warnf("the large files of layer %s will not be shared: %s", diffId, e);
        }
    }

    private LayerFacts unpack(Digest diffId, Unpacking unpacking) throws IOException {
        Path work = Files.createTempDirectory(paths.unpacking(), "layer-");
        try {
            LayerUnpacker.Unpacked unpacked = unpacking.into(work);
            LayerFacts facts =
                    new LayerFacts(unpacked.entries(), unpacked.bytes(), unpacked.opaqueRoot());
            Disk.writeFile(paths.facts(diffId), Json.write(facts), paths.unpacking());
            if (Files.exists(paths.layer(diffId))) { // of an attempt whose end failed
                Disk.remove(setAside(diffId));
                Disk.writeFile(paths.facts(diffId), Json.write(facts), paths.unpacking());
            }
            Disk.publish(work, paths.layer(diffId));
            remember(diffId, unpacked.large());
            return facts;
        } finally {
            Disk.remove(work);
        }
    }
}
