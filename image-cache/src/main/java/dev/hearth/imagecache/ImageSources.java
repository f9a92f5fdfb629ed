package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.RegistryHttp;
import dev.hearth.imagecache.registry.RegistryPolicy;
import dev.hearth.imagecache.registry.RegistrySource;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;

/**
 * Opens whatever a reference names.
 *
 * @param registries whom a registry may make us call
 * @param credentials log-ins for registries
 * @param embedded this node's own registry
 */
record ImageSources(
        RegistryPolicy registries,
        DockerCredentials credentials,
        EmbeddedRegistry embedded,
        RegistryHttp http)
        implements AutoCloseable {

    ImageSources(
            RegistryPolicy registries,
            DockerCredentials credentials,
            EmbeddedRegistry embedded,
            Clock clock) {
        this(registries, credentials, embedded, new RegistryHttp(clock));
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
            case ImageReference.Registry r ->
                    new RegistrySource(r, http, registries, credentials, deadline);
        };
    }

    @Override
    public void close() {
        http.close();
    }
}
