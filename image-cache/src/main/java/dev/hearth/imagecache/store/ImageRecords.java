package dev.hearth.imagecache.store;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.ConfigFile;
import dev.hearth.imagecache.manifest.ConfigReader;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.ImageManifest;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images of this node: manifest and configuration on disk as they came, and in memory what a
 * start needs of them. An image's manifest is written last, after its layers and its configuration;
 * so one that is there is whole.
 */
public final class ImageRecords {
    private final CachePaths paths;
    private final LayerStore layers;
    private final Map<Digest, StoredImage> images = new ConcurrentHashMap<>();

    public ImageRecords(CachePaths paths, LayerStore layers) {
        this.paths = paths;
        this.layers = layers;
    }

    /**
     * Makes the directories, throws away what a crash or damage left, and learns the rest. Call
     * once, before anything else. An image whose parts are missing or changed is forgotten: the
     * next pull brings it back.
     */
    public void load() throws IOException {
        for (Path directory : paths.directories()) {
            Files.createDirectories(directory);
        }
        for (Path junk : Disk.children(paths.unpacking())) {
            Disk.remove(junk);
        }
        layers.load();
        Set<Digest> usedLayers = new HashSet<>();
        Set<Path> usedConfigs = new HashSet<>();
        for (Path file : Disk.children(paths.manifests())) {
            Optional<Digest> digest = CachePaths.digest(file);
            Optional<Loaded> loaded =
                    digest.isEmpty() ? Optional.empty() : loadOne(digest.get(), file);
            if (loaded.isPresent()) {
                StoredImage image = loaded.get().image();
                images.put(image.digest(), image);
                usedLayers.addAll(loaded.get().file().diffIds());
                usedConfigs.add(loaded.get().configPath());
            } else {
                Files.delete(file);
            }
        }
        for (Path config : Disk.children(paths.configs())) {
            if (!usedConfigs.contains(config)) {
                Files.delete(config);
            }
        }
        layers.removeAllBut(usedLayers);
    }

    private record Loaded(StoredImage image, ConfigFile file, Path configPath) {}

    private Optional<Loaded> loadOne(Digest digest, Path file) throws IOException {
        byte[] manifest = Files.readAllBytes(file);
        if (!Digests.of(manifest).equals(digest)) {
            return Optional.empty();
        }
        try {
            ImageManifest parsed = Documents.manifest(manifest);
            Path configPath = paths.config(parsed.config().digest());
            if (!Files.exists(configPath)) {
                return Optional.empty();
            }
            byte[] config = Files.readAllBytes(configPath);
            if (!Digests.of(config).equals(parsed.config().digest())) {
                return Optional.empty();
            }
            ConfigFile configFile = ConfigReader.read(config);
            for (Digest diffId : configFile.diffIds()) {
                if (layers.facts(diffId).isEmpty()) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Loaded(image(digest, configFile), configFile, configPath));
        } catch (BadDocumentException e) {
            return Optional.empty();
        }
    }

    /** The image of that manifest, from memory. */
    public Optional<StoredImage> find(Digest manifest) {
        return Optional.ofNullable(images.get(manifest));
    }

    /** Makes an image known of which all layers are there. */
    public void add(
            Digest digest, byte[] manifest, Digest configDigest, byte[] config, ConfigFile file)
            throws IOException {
        StoredImage image = image(digest, file);
        Disk.writeFile(paths.config(configDigest), config, paths.unpacking());
        Disk.writeFile(paths.manifest(digest), manifest, paths.unpacking());
        images.put(digest, image);
    }

    private StoredImage image(Digest digest, ConfigFile file) {
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
        return new StoredImage(digest, file.config(), directories, bytes);
    }
}
