package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.manifest.MediaTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a registry has to know of a manifest or an index that is pushed, of an image or of anything
 * else that OCI keeps in registries (signatures, charts, attestations).
 *
 * @param mediaType one of {@link MediaTypes#DOCUMENTS}
 * @param artifactType what it is, for lists of referrers; the configuration's type when it does not
 *     say itself
 * @param blobs that it needs: its configuration and its layers, with the sizes that it says
 * @param children manifests of an index
 * @param subject what it is about
 * @param isImage whether it is a container image, as far as its media types tell
 */
record PushedManifest(
        String mediaType,
        Optional<String> artifactType,
        List<Part> blobs,
        List<Part> children,
        Optional<Digest> subject,
        Map<String, String> annotations,
        boolean isImage) {
    /** Far above any image's; a bound for the work that one push can ask for. */
    private static final int MOST_DESCRIPTORS = 1000;

    /** Something that a manifest needs, as it describes it. */
    record Part(Digest digest, long size) {}

    PushedManifest {
        blobs = List.copyOf(blobs);
        children = List.copyOf(children);
        annotations = Map.copyOf(annotations);
    }

    private record RawDescriptor(
            @Nullable String mediaType,
            @Nullable String digest,
            @Nullable Long size,
            @Nullable List<String> urls) {}

    private record Raw(
            @Nullable Integer schemaVersion,
            @Nullable String mediaType,
            @Nullable String artifactType,
            @Nullable RawDescriptor config,
            @Nullable List<@Nullable RawDescriptor> layers,
            @Nullable List<@Nullable RawDescriptor> manifests,
            @Nullable RawDescriptor subject,
            @Nullable Map<String, @Nullable String> annotations) {}

    /**
     * Reads and checks a document.
     *
     * @param declared the media type that it was sent with, or empty
     */
    static PushedManifest read(byte[] document, String declared) throws BadDocumentException {
        Raw raw = Json.read(document, Raw.class, "manifest");
        if (raw.schemaVersion == null || raw.schemaVersion != 2) {
            throw new BadDocumentException("its schemaVersion is not 2");
        }
        String type = mediaType(raw, declared);
        boolean index = MediaTypes.isIndex(type);
        if (index ? raw.manifests == null : raw.config == null || raw.layers == null) {
            throw new BadDocumentException("it lacks what a document of type " + type + " has");
        }
        if (index ? raw.config != null || raw.layers != null : raw.manifests != null) {
            throw new BadDocumentException("it is a manifest and an index at once");
        }
        List<Part> blobs = new ArrayList<>();
        if (raw.config != null) {
            blobs.add(part(raw.config));
        }
        boolean image = raw.config != null && MediaTypes.isConfig(type(raw.config));
        for (RawDescriptor layer : bounded(raw.layers)) {
            image &= MediaTypes.isLayer(type(layer));
            Part part = part(layer);
            boolean foreign = layer.urls != null && !layer.urls.isEmpty(); // never pushed
            if (!foreign || MediaTypes.isLayer(type(layer))) {
                blobs.add(part);
            }
        }
        List<Part> children = new ArrayList<>();
        for (RawDescriptor child : bounded(raw.manifests)) {
            children.add(part(child));
        }
        return new PushedManifest(
                type,
                Optional.ofNullable(raw.artifactType)
                        .filter(text -> !text.isEmpty())
                        .or(() -> Optional.ofNullable(raw.config).map(PushedManifest::type)),
                blobs,
                children,
                raw.subject == null ? Optional.empty() : Optional.of(part(raw.subject).digest()),
                annotations(raw),
                image);
    }

    private static String mediaType(Raw raw, String declared) throws BadDocumentException {
        String inside = raw.mediaType == null ? "" : raw.mediaType;
        if (!inside.isEmpty() && !declared.isEmpty() && !inside.equals(declared)) {
            throw new BadDocumentException("it says it is " + inside + " but came as " + declared);
        }
        String type = declared.isEmpty() ? inside : declared;
        if (!MediaTypes.DOCUMENTS.contains(type)) {
            throw new BadDocumentException(
                    "its media type \""
                            + type
                            + "\" is not one of "
                            + String.join(", ", MediaTypes.DOCUMENTS));
        }
        return type;
    }

    private static List<RawDescriptor> bounded(@Nullable List<@Nullable RawDescriptor> raw)
            throws BadDocumentException {
        if (raw == null) {
            return List.of();
        }
        if (raw.size() > MOST_DESCRIPTORS) {
            throw new BadDocumentException(
                    "it names " + raw.size() + " parts; the most is " + MOST_DESCRIPTORS);
        }
        List<RawDescriptor> all = new ArrayList<>();
        for (RawDescriptor one : raw) {
            if (one == null) {
                throw new BadDocumentException("one of its parts is null");
            }
            all.add(one);
        }
        return all;
    }

    private static String type(RawDescriptor raw) {
        return raw.mediaType == null ? "" : raw.mediaType;
    }

    private static Part part(RawDescriptor raw) throws BadDocumentException {
        if (raw.digest == null || raw.size == null || raw.size < 0) {
            throw new BadDocumentException("one of its parts has no digest or no size");
        }
        try {
            return new Part(new Digest(raw.digest), raw.size);
        } catch (HearthException e) {
            throw new BadDocumentException("the digest of one of its parts is not a sha256 one");
        }
    }

    private static Map<String, String> annotations(Raw raw) throws BadDocumentException {
        if (raw.annotations == null) {
            return Map.of();
        }
        if (raw.annotations.containsValue(null)) {
            throw new BadDocumentException("one of its annotations is null");
        }
        Map<String, String> all = new java.util.TreeMap<>();
        raw.annotations.forEach((key, value) -> all.put(key, value == null ? "" : value));
        return all;
    }
}
