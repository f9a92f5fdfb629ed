package dev.hearth.imagecache;

import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;

/** Opens whatever a reference names. */
final class ImageSources {
    private ImageSources() {}

    /** The source of {@code reference}; the caller closes it. */
    static ImageSource open(ImageReference reference) {
        String name = reference.toString();
        return switch (reference) {
            case ImageReference.OciLayout r ->
                    OciLayoutSource.directory(name, r.directory(), r.tag());
            case ImageReference.OciArchive r -> OciLayoutSource.archive(name, r.file(), r.tag());
            case ImageReference.DockerArchive r -> new DockerArchiveSource(name, r.file(), r.tag());
            case ImageReference.Registry r ->
                    throw new UnsupportedOperationException("registry " + r);
        };
    }
}
