package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.registry.RegistryHttp;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistrySource;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;

/**
 * Opens whatever a reference names.
 *
 * @param registries what the operator says about registries
 */
record ImageSources(RegistryOptions registries, RegistryHttp http) implements AutoCloseable {

    ImageSources(RegistryOptions registries, Clock clock) {
        this(registries, new RegistryHttp(clock, registries.caFile()));
    }

    /** The source of {@code reference}; the caller closes it. */
    ImageSource open(ImageReference reference, Deadline deadline) {
        String name = reference.toString();
        return switch (reference) {
            case ImageReference.OciLayout r ->
                    OciLayoutSource.directory(name, r.directory(), r.tag());
            case ImageReference.OciArchive r -> OciLayoutSource.archive(name, r.file(), r.tag());
            case ImageReference.DockerArchive r -> new DockerArchiveSource(name, r.file(), r.tag());
            case ImageReference.Registry r -> new RegistrySource(r, http, registries, deadline);
        };
    }

    @Override
    public void close() {
        http.close();
    }
}
