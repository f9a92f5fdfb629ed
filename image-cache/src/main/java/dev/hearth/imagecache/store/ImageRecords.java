package dev.hearth.imagecache.store;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.ConfigFile;
import dev.hearth.imagecache.manifest.ConfigReader;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.ImageManifest;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The images of this node: manifest and configuration on disk as they came, and in memory what a
 * start needs of them. An image's manifest is written last, after its layers and its configuration,
 * and removed first; so one that is there is whole.
 *
 * <p>Concurrency: {@link #use} takes no lock; whatever changes the disk takes turns.
 */
public final class ImageRecords {
    private final CachePaths paths;
    private final LayerStore layers;
    private final Clock clock;
    private final Map<Digest, Entry> images = new ConcurrentHashMap<>();

    public ImageRecords(CachePaths paths, LayerStore layers, Clock clock) {
        this.paths = paths;
        this.layers = layers;
        this.clock = clock;
    }

    /** An image, its layers' digests and its use. */
    private static final class Entry {
        private final StoredImage image;
        private final Set<Digest> diffIds;
        private final Digest config;
        private ImageUse use; // as it is on disk; guarded by the records' lock
        private volatile long usedMillis;

        Entry(StoredImage image, Set<Digest> diffIds, Digest config, ImageUse use) {
            this.image = image;
            this.diffIds = diffIds;
            this.config = config;
            this.use = use;
            this.usedMillis = use.usedMillis();
        }
    }

    /**
     * Makes the directories, throws away what a crash or damage left, and learns the rest. Call
     * once, before anything else. An image whose parts are missing or changed is forgotten: the
     * next pull brings it back.
     */
    public synchronized void load() throws IOException {
        for (Path directory : paths.directories()) {
            Files.createDirectories(directory);
        }
        for (Path junk : Disk.children(paths.unpacking())) {
            Disk.remove(junk);
        }
        layers.load();
        for (Path file : Disk.children(paths.manifests())) {
            Optional<Digest> digest = CachePaths.digest(file);
            Optional<Entry> loaded =
                    digest.isEmpty() ? Optional.empty() : loadOne(digest.get(), file);
            if (loaded.isPresent()) {
                images.put(digest.get(), loaded.get());
            } else {
                Files.delete(file);
            }
        }
        for (Path file : Disk.children(paths.uses())) {
            if (CachePaths.digest(file).filter(images::containsKey).isEmpty()) {
                Files.delete(file);
            }
        }
        removeUnusedConfigs();
        layers.removeAllBut(this::usedLayers);
    }

    private Optional<Entry> loadOne(Digest digest, Path file) throws IOException {
        byte[] manifest = Files.readAllBytes(file);
        if (!Digests.of(manifest).equals(digest)) {
            return Optional.empty();
        }
        try {
            ImageManifest parsed = Documents.manifest(manifest);
            Digest configDigest = parsed.config().digest();
            Path configPath = paths.config(configDigest);
            if (!Files.exists(configPath)) {
                return Optional.empty();
            }
            byte[] config = Files.readAllBytes(configPath);
            if (!Digests.of(config).equals(configDigest)) {
                return Optional.empty();
            }
            ConfigFile configFile = ConfigReader.read(config);
            for (Digest diffId : configFile.diffIds()) {
                if (layers.facts(diffId).isEmpty()) {
                    return Optional.empty();
                }
            }
            return Optional.of(entry(digest, configDigest, configFile, readUse(digest, file)));
        } catch (BadDocumentException e) {
            return Optional.empty();
        }
    }

    /** What is known of its use; when that is lost, the image was used when it came. */
    private ImageUse readUse(Digest digest, Path manifest) throws IOException {
        Path file = paths.use(digest);
        if (Files.exists(file)) {
            try {
                return Json.read(Files.readAllBytes(file), ImageUse.class, "record");
            } catch (BadDocumentException damaged) {
                Files.delete(file);
            }
        }
        return new ImageUse(List.of(), Files.getLastModifiedTime(manifest).toMillis());
    }

    private void removeUnusedConfigs() throws IOException {
        Set<Digest> used = images.values().stream().map(e -> e.config).collect(Collectors.toSet());
        for (Path config : Disk.children(paths.configs())) {
            if (CachePaths.digest(config).filter(used::contains).isEmpty()) {
                Files.delete(config);
            }
        }
    }

    private Set<Digest> usedLayers() {
        Set<Digest> used = new HashSet<>();
        images.values().forEach(e -> used.addAll(e.diffIds));
        return used;
    }

    /**
     * The image of that manifest, from memory; notes the use: from then on {@link #remove} spares
     * the image for a while.
     */
    public Optional<StoredImage> use(Digest manifest) {
        Entry entry = images.get(manifest);
        if (entry == null) {
            return Optional.empty();
        }
        entry.usedMillis = clock.now().toEpochMilli();
        // Looked up again: one that was removed before the use was noted is not there any more.
        return images.get(manifest) == entry ? Optional.of(entry.image) : Optional.empty();
    }

    /** Makes an image known of which all layers are there, and held. */
    public synchronized void add(
            Digest digest, byte[] manifest, Digest configDigest, byte[] config, ConfigFile file)
            throws IOException {
        if (images.containsKey(digest)) {
            return; // two pulls of one image at once
        }
        ImageUse use = new ImageUse(List.of(), clock.now().toEpochMilli());
        Entry entry = entry(digest, configDigest, file, use);
        Disk.writeFile(paths.config(configDigest), config, paths.unpacking());
        Disk.writeFile(paths.manifest(digest), manifest, paths.unpacking());
        images.put(digest, entry);
    }

    /** Notes a name that an image came by; another image that had it has it no longer. */
    public synchronized void name(Digest digest, String name) throws IOException {
        for (Map.Entry<Digest, Entry> one : images.entrySet()) {
            Entry entry = one.getValue();
            boolean named = one.getKey().equals(digest);
            ImageUse use = named ? entry.use.named(name) : entry.use.without(name);
            if (!use.names().equals(entry.use.names())) {
                write(one.getKey(), entry, use);
            }
        }
    }

    /** Writes to disk when images were used last; once in a while, for a start is not to wait. */
    public synchronized void noteUses() throws IOException {
        for (Map.Entry<Digest, Entry> one : images.entrySet()) {
            Entry entry = one.getValue();
            if (entry.usedMillis != entry.use.usedMillis()) {
                write(one.getKey(), entry, entry.use);
            }
        }
    }

    private void write(Digest digest, Entry entry, ImageUse changed) throws IOException {
        ImageUse use = changed.usedAt(entry.usedMillis);
        Disk.writeFile(paths.use(digest), Json.write(use), paths.unpacking());
        entry.use = use;
    }

    /**
     * Forgets an image unless it was used after a time; whether it did. Its layers go by {@link
     * #removeUnusedLayers}.
     */
    public synchronized boolean remove(Digest digest, Instant usedBefore) throws IOException {
        Entry entry = images.get(digest);
        if (entry == null || !images.remove(digest, entry)) {
            return false;
        }
        long used =
                Math.min(entry.usedMillis, clock.now().toEpochMilli()); // the clock was put back
        if (used > usedBefore.toEpochMilli()) { // read after the removal, see use()
            images.put(digest, entry);
            return false;
        }
        try {
            Files.deleteIfExists(paths.manifest(digest));
        } catch (IOException stays) {
            images.put(digest, entry); // a disk that cannot be written to loses no image
            throw stays;
        }
        Files.deleteIfExists(paths.use(digest));
        if (images.values().stream().noneMatch(e -> e.config.equals(entry.config))) {
            Files.deleteIfExists(paths.config(entry.config));
        }
        return true;
    }

    /** Removes the layers that no image has and no pull holds; bytes on disk that this freed. */
    public long removeUnusedLayers() throws IOException {
        return layers.removeAllBut(this::usedLayers);
    }

    /**
     * An image as lists show it.
     *
     * @param sharedBytes of its layers that other images have as well
     */
    public record Listed(
            StoredImage image, List<String> names, Instant lastUsed, long sharedBytes) {}

    /** All images, those used last first. */
    public synchronized List<Listed> all() {
        Map<Digest, Long> users =
                images.values().stream()
                        .flatMap(e -> e.diffIds.stream())
                        .collect(Collectors.groupingBy(d -> d, Collectors.counting()));
        List<Listed> all = new ArrayList<>();
        for (Entry entry : images.values()) {
            long shared = 0;
            for (Digest diffId : entry.diffIds) {
                if (users.getOrDefault(diffId, 0L) > 1) {
                    shared += layers.facts(diffId).map(LayerFacts::bytes).orElse(0L);
                }
            }
            all.add(
                    new Listed(
                            entry.image,
                            entry.use.names(),
                            Instant.ofEpochMilli(entry.usedMillis),
                            shared));
        }
        all.sort(java.util.Comparator.comparing(Listed::lastUsed).reversed());
        return all;
    }

    private Entry entry(Digest digest, Digest configDigest, ConfigFile file, ImageUse use) {
        List<Path> directories = new ArrayList<>();
        long bytes = 0;
        for (Digest diffId : file.diffIds()) {
            LayerFacts facts =
                    layers.facts(diffId)
                            .orElseThrow(() -> new IllegalStateException("no layer " + diffId));
            if (facts.opaqueRoot()) {
                directories.clear();
            }
            // A layer twice in one image (an empty one, say): overlayfs refuses doubled lower
            // directories, and the upper of the two hides the lower anyway.
            directories.remove(paths.layer(diffId));
            directories.add(paths.layer(diffId));
            bytes += facts.bytes();
        }
        return new Entry(
                new StoredImage(digest, file.config(), directories, bytes),
                Set.copyOf(file.diffIds()),
                configDigest,
                use);
    }
}
