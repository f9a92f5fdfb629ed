package dev.hearth.imagecache.source;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An image in the <a
 * href="https://github.com/opencontainers/image-spec/blob/main/image-layout.md">OCI image
 * layout</a>, as a directory or as a tar file of it.
 */
public final class OciLayoutSource implements ImageSource {
    private final String reference;
    private final Optional<String> tag;
    private final Bundle bundle;

    private OciLayoutSource(String reference, Optional<String> tag, Bundle bundle) {
        this.reference = reference;
        this.tag = tag;
        this.bundle = bundle;
    }

    public static OciLayoutSource directory(
            String reference, Path directory, Optional<String> tag) {
        return new OciLayoutSource(reference, tag, new DirectoryBundle(directory));
    }

    public static OciLayoutSource archive(String reference, Path file, Optional<String> tag) {
        return new OciLayoutSource(reference, tag, Archives.open(reference, file));
    }

    /** The layout in a tar file, or empty when the file is an archive of something else. */
    public static Optional<OciLayoutSource> ifLayout(String reference, Path file) {
        Bundle bundle = Archives.open(reference, file);
        boolean layout = false;
        try {
            layout = bundle.find("index.json").isPresent();
            return layout
                    ? Optional.of(new OciLayoutSource(reference, Optional.empty(), bundle))
                    : Optional.empty();
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        } finally {
            if (!layout) {
                Archives.close(reference, bundle);
            }
        }
    }

    @Override
    public Descriptor find(Platform platform) {
        return choose(entries(), platform);
    }

    @Override
    public Optional<byte[]> tagged(String other) {
        return entries().stream()
                .filter(d -> d.name().equals(Optional.of(other)))
                .findFirst()
                .map(d -> document(d.digest()));
    }

    private List<Descriptor> entries() {
        try {
            byte[] index =
                    bundle.read("index.json", Documents.MOST_BYTES)
                            .orElseThrow(
                                    () ->
                                            Failures.notFound(
                                                    reference,
                                                    "there is no OCI layout (no index.json)"));
            return Documents.index(index);
        } catch (BadDocumentException e) {
            throw Failures.corrupt(reference, e);
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }

    private Descriptor choose(List<Descriptor> entries, Platform platform) {
        List<Descriptor> named =
                entries.stream()
                        .filter(d -> tag.isEmpty() ? !isSignature(d) : d.name().equals(tag))
                        .filter(d -> d.platform().isEmpty() || platform.runs(d.platform().get()))
                        .toList();
        if (named.isEmpty()) {
            throw Failures.notFound(
                    reference,
                    "the layout has "
                            + (entries.isEmpty() ? "no image" : "only " + names(entries))
                            + " for "
                            + platform);
        }
        if (named.size() > 1) {
            throw Failures.notFound(
                    reference, "the layout has several images, name one of " + names(named));
        }
        return named.getFirst();
    }

    /** What cosign stores beside an image, under a tag made of the image's digest. */
    private static boolean isSignature(Descriptor entry) {
        return entry.name().filter(n -> n.matches("sha256-[0-9a-f]{64}\\.sig")).isPresent();
    }

    private static String names(List<Descriptor> entries) {
        return entries.stream()
                .limit(20)
                .map(d -> d.name().orElse(d.digest().value()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public byte[] document(Digest digest) {
        try {
            return bundle.read(path(digest), Documents.MOST_BYTES)
                    .orElseThrow(() -> missing(digest));
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
        try {
            Bundle.Content content =
                    bundle.find(path(descriptor.digest()))
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

    private RuntimeException missing(Digest digest) {
        return Failures.notFound(reference, "the layout has no manifest " + digest);
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }
}
