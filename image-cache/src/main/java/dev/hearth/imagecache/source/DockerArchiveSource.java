package dev.hearth.imagecache.source;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.ImageManifest;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.unpack.BadLayerException;
import dev.hearth.imagecache.unpack.DigestStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An image that {@code docker save} wrote. Such a file has no manifest with digests, so one is made
 * of what it holds: the same file always gives the same manifest digest.
 */
public final class DockerArchiveSource implements ImageSource {
    private final String reference;
    private final Optional<String> tag;
    private final Bundle bundle;
    private final Map<Digest, String> files = new HashMap<>();
    private byte[] manifest = {};

    private record Entry(
            @JsonProperty("Config") @Nullable String config,
            @JsonProperty("RepoTags") @Nullable List<@Nullable String> repoTags,
            @JsonProperty("Layers") @Nullable List<@Nullable String> layers) {

        /** Whether {@code tag} names it: as a whole, without its host, or the tag alone. */
        boolean isNamed(String tag) {
            return repoTags != null
                    && repoTags.stream().anyMatch(name -> name != null && isNamed(name, tag));
        }

        private static boolean isNamed(String name, String tag) {
            return name.equals(tag) || name.endsWith("/" + tag) || name.endsWith(":" + tag);
        }
    }

    public DockerArchiveSource(String reference, Path file, Optional<String> tag) {
        this.reference = reference;
        this.tag = tag;
        this.bundle = Archives.open(reference, file);
    }

    @Override
    public Descriptor find(Platform platform) {
        try {
            byte[] list =
                    bundle.read("manifest.json", Documents.MOST_BYTES)
                            .orElseThrow(
                                    () ->
                                            Failures.notFound(
                                                    reference,
                                                    "it is not what docker save writes (no"
                                                            + " manifest.json)"));
            Entry entry = choose(Json.read(list, Entry[].class, "manifest.json"));
            return describe(entry);
        } catch (BadDocumentException e) {
            throw Failures.corrupt(reference, e);
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }

    private Entry choose(@Nullable Entry[] entries) throws BadDocumentException {
        List<Entry> named = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry == null) {
                throw new BadDocumentException("its manifest.json has a null");
            }
            if (tag.isEmpty() || entry.isNamed(tag.get())) {
                named.add(entry);
            }
        }
        if (named.size() != 1) {
            String has =
                    Arrays.stream(entries)
                            .limit(20)
                            .map(e -> e == null ? "" : String.valueOf(e.repoTags()))
                            .collect(Collectors.joining(", "));
            throw Failures.notFound(
                    reference,
                    named.isEmpty()
                            ? "the archive has only " + has
                            : "the archive has several images, name one of " + has);
        }
        return named.getFirst();
    }

    private Descriptor describe(Entry entry) throws BadDocumentException, IOException {
        if (entry.config() == null || entry.layers() == null) {
            throw new BadDocumentException("its manifest.json names no Config or no Layers");
        }
        if (entry.layers().size() > ImageManifest.MOST_LAYERS) {
            throw new BadDocumentException(
                    "it has more than " + ImageManifest.MOST_LAYERS + " layers");
        }
        Descriptor config = describe(entry.config(), MediaTypes.OCI_CONFIG);
        List<Descriptor> layers = new ArrayList<>();
        for (String layer : entry.layers()) {
            layers.add(describe(layer == null ? "" : layer, MediaTypes.OCI_LAYER));
        }
        manifest = Documents.write(new ImageManifest(config, layers));
        return new Descriptor(MediaTypes.OCI_MANIFEST, Digests.of(manifest), manifest.length);
    }

    private Descriptor describe(String file, String type) throws BadDocumentException, IOException {
        Optional<Bundle.Content> content = bundle.find(file);
        if (content.isEmpty()) {
            throw new BadDocumentException("its file " + file + " is missing");
        }
        try (InputStream in = content.get().open()) {
            DigestStream hashed =
                    new DigestStream(in, content.get().size(), BadLayerException.Fault.CORRUPT);
            hashed.drain();
            Digest digest = hashed.digest();
            files.put(digest, file);
            return new Descriptor(type, digest, content.get().size());
        }
    }

    @Override
    public byte[] document(Digest digest) {
        if (manifest.length == 0) {
            find(Platform.host());
        }
        if (!Digests.of(manifest).equals(digest)) {
            throw Failures.notFound(reference, "the file has changed since it was resolved");
        }
        return manifest.clone();
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
        String file = files.getOrDefault(descriptor.digest(), "");
        try {
            Bundle.Content content =
                    bundle.find(file)
                            .orElseThrow(
                                    () ->
                                            Failures.corrupt(
                                                    reference, "it lacks " + descriptor.digest()));
            return new SourceStream(content.open(), reference);
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }

    @Override
    public void close() {
        Archives.close(reference, bundle);
    }
}
