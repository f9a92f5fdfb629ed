package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.registry.RegistryHttp;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistrySource;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;

/**
 * Opens whatever a reference names.
 *
 * @param registries what the operator says about registries
 * @param embedded this node's own registry
 */
record ImageSources(RegistryOptions registries, EmbeddedRegistry embedded, RegistryHttp http)
        implements AutoCloseable {

    ImageSources(RegistryOptions registries, EmbeddedRegistry embedded, Clock clock) {
        this(registries, embedded, new RegistryHttp(clock, registries.caFile()));
    }

    /** The source of {@code reference}; the caller closes it. */
    ImageSource open(ImageReference reference, Deadline deadline) {
        String name = reference.toString();
        return switch (reference) {
            case ImageReference.OciLayout r ->
                    OciLayoutSource.directory(name, r.directory(), r.tag());
            case ImageReference.OciArchive r -> OciLayoutSource.archive(name, r.file(), r.tag());
            case ImageReference.DockerArchive r -> new DockerArchiveSource(name, r.file(), r.tag());
            case ImageReference.Registry r when embedded.has(r) -> embedded.source(r);
            case ImageReference.Registry r -> new RegistrySource(r, http, registries, deadline);
        };
    }

    @Override
    public void close() {
        http.close();
    }
}
