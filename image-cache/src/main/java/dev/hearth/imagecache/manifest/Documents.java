package dev.hearth.imagecache.manifest;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests and indexes, OCI's and Docker's, and checks what the rest relies on: a document
 * is one thing only, its media type is what the pointer to it said, digests and sizes are sound.
 */
public final class Documents {
    /** The most bytes of a manifest, an index or a configuration; registries allow 4 MiB. */
    public static final int MOST_BYTES = 4 << 20;

    private static final int MOST_INDEX_ENTRIES = 10_000;
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private Documents() {}

    private record RawPlatform(
            @Nullable String os, @Nullable String architecture, @Nullable String variant) {}

    private record RawDescriptor(
            @Nullable String mediaType,
            @Nullable String digest,
            @Nullable Long size,
            @Nullable RawPlatform platform,
            @Nullable Map<String, String> annotations) {}

    private record Raw(
            @Nullable Integer schemaVersion,
            @Nullable String mediaType,
            @Nullable RawDescriptor config,
            @Nullable List<@Nullable RawDescriptor> layers,
            @Nullable List<@Nullable RawDescriptor> manifests) {}

    /** Whether the document is an index, whatever its pointer's type says nothing about. */
    public static String typeOf(byte[] document, String declared) throws BadDocumentException {
        Raw raw = read(document);
        String inside = raw.mediaType == null ? "" : raw.mediaType;
        if (!inside.isEmpty() && !declared.isEmpty() && !inside.equals(declared)) {
            throw new BadDocumentException(
                    "its manifest says it is " + inside + " but was announced as " + declared);
        }
        String type = declared.isEmpty() ? inside : declared;
        if (type.isEmpty()) {
            type = raw.manifests == null ? MediaTypes.OCI_MANIFEST : MediaTypes.OCI_INDEX;
        }
        if (!MediaTypes.isIndex(type) && !MediaTypes.isManifest(type)) {
            throw new BadDocumentException("it is not an image but " + type);
        }
        return type;
    }

    /** The entries of an index. */
    public static List<Descriptor> index(byte[] document) throws BadDocumentException {
        Raw raw = read(document);
        if (raw.manifests == null || raw.layers != null || raw.config != null) {
            throw new BadDocumentException("its index is not an index, or a manifest as well");
        }
        if (raw.manifests.size() > MOST_INDEX_ENTRIES) {
            throw new BadDocumentException(
                    "its index has more than " + MOST_INDEX_ENTRIES + " entries");
        }
        return descriptors(raw.manifests, "index");
    }

    /** The image that a manifest describes. */
    public static ImageManifest manifest(byte[] document) throws BadDocumentException {
        Raw raw = read(document);
        if (raw.layers == null || raw.config == null || raw.manifests != null) {
            throw new BadDocumentException("its manifest is not a manifest, or an index as well");
        }
        Descriptor config = descriptor(raw.config, "configuration");
        if (!MediaTypes.isConfig(config.mediaType())) {
            throw new BadDocumentException(
                    "it is not a container image: its configuration is " + config.mediaType());
        }
        if (raw.layers.size() > ImageManifest.MOST_LAYERS) {
            throw new BadDocumentException(
                    "it has "
                            + raw.layers.size()
                            + " layers; the most is "
                            + ImageManifest.MOST_LAYERS);
        }
        List<Descriptor> layers = descriptors(raw.layers, "layer");
        for (Descriptor layer : layers) {
            if (!MediaTypes.isLayer(layer.mediaType())) {
                throw new BadDocumentException(
                        "its layer "
                                + layer.digest()
                                + " is of a type that cannot be unpacked, "
                                + layer.mediaType());
            }
        }
        return new ImageManifest(config, layers);
    }

    /** A manifest that says the same as the record. */
    public static byte[] write(ImageManifest manifest) {
        return Json.write(
                new Raw(
                        2,
                        MediaTypes.OCI_MANIFEST,
                        raw(manifest.config()),
                        manifest.layers().stream().map(Documents::raw).toList(),
                        null));
    }

    private static Raw read(byte[] document) throws BadDocumentException {
        Raw raw = Json.read(document, Raw.class, "manifest");
        if (raw.schemaVersion == null || raw.schemaVersion != 2) {
            throw new BadDocumentException("its manifest is not of schema version 2");
        }
        return raw;
    }

    private static List<Descriptor> descriptors(List<@Nullable RawDescriptor> raw, String what)
            throws BadDocumentException {
        List<Descriptor> all = new ArrayList<>();
        for (RawDescriptor one : raw) {
            if (one == null) {
                throw new BadDocumentException("its " + what + " entry is null");
            }
            all.add(descriptor(one, what));
        }
        return List.copyOf(all);
    }

    private static Descriptor descriptor(RawDescriptor raw, String what)
            throws BadDocumentException {
        if (raw.digest == null || raw.mediaType == null || raw.size == null || raw.size < 0) {
            throw new BadDocumentException("its " + what + " has no digest, media type or size");
        }
        return new Descriptor(
                raw.mediaType,
                digest(raw.digest, what),
                raw.size,
                Optional.ofNullable(raw.platform).map(Documents::platform),
                Optional.ofNullable(raw.annotations).map(all -> all.get(REF_NAME)));
    }

    static Digest digest(String text, String what) throws BadDocumentException {
        try {
            return new Digest(text);
        } catch (HearthException e) {
            throw new BadDocumentException("the digest of its " + what + " is not a sha256 one");
        }
    }

    private static Platform platform(RawPlatform raw) {
        return new Platform(
                raw.os == null ? "" : raw.os,
                raw.architecture == null ? "" : raw.architecture,
                raw.variant == null ? "" : raw.variant);
    }

    private static RawDescriptor raw(Descriptor d) {
        return new RawDescriptor(d.mediaType(), d.digest().value(), d.size(), null, null);
    }
}
