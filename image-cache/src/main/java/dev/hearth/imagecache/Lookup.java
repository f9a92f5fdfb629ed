package dev.hearth.imagecache;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** From a reference to the one manifest for this machine. */
public final class Lookup {
    /** An index of indexes is legal and nobody makes one; this ends a hostile chain. */
    private static final int MOST_INDEXES = 3;

    private final String reference;
    private final ImageSource source;
    private final Platform platform;

    public Lookup(String reference, ImageSource source, Platform platform) {
        this.reference = reference;
        this.source = source;
        this.platform = platform;
    }

    /**
     * The digests from what the reference names now, through indexes, to the manifest, which is the
     * last and a sound one; each document holds the next one's digest.
     */
    public List<Digest> path() {
        List<Digest> path = new ArrayList<>();
        Descriptor at = source.find(platform);
        try {
            for (int i = 0; i <= MOST_INDEXES; i++) {
                byte[] document = document(at.digest());
                path.add(at.digest());
                String type = Documents.typeOf(document, at.mediaType());
                if (MediaTypes.isManifest(type)) {
                    Documents.manifest(document);
                    return List.copyOf(path);
                }
                at = choose(Documents.index(document));
            }
        } catch (BadDocumentException e) {
            throw Failures.corrupt(reference, e);
        }
        throw Failures.corrupt(
                reference, "its indexes are nested more than " + MOST_INDEXES + " deep");
    }

    /** A manifest or index, of which the digest was checked. */
    public byte[] document(Digest digest) {
        byte[] document = source.document(digest);
        Digest actual = Digests.of(document);
        if (!actual.equals(digest)) {
            throw Failures.wrongDigest(
                    reference, "its manifest hashes to " + actual + " instead of " + digest);
        }
        return document;
    }

    private Descriptor choose(List<Descriptor> entries) {
        return entries.stream()
                .filter(e -> e.platform().isPresent() && platform.runs(e.platform().get()))
                .findFirst()
                .or(() -> entries.stream().filter(e -> e.platform().isEmpty()).findFirst())
                .orElseThrow(
                        () ->
                                Failures.notFound(
                                        reference,
                                        "it is there, but not for "
                                                + platform
                                                + ", only for "
                                                + platforms(entries)));
    }

    private static String platforms(List<Descriptor> entries) {
        return entries.stream()
                .flatMap(e -> e.platform().stream())
                .map(Platform::toString)
                .distinct()
                .limit(20)
                .collect(Collectors.joining(", "));
    }
}
