package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ProjectName;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.LogInFile;
import dev.hearth.imagecache.registry.RegistryHttp;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistrySource;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;
import java.nio.file.Path;

/**
 * Opens whatever a reference names.
 *
 * @param registries what the operator says about registries, with the default project's log-ins
 * @param data where the other projects' log-ins are
 * @param embedded this node's own registry
 */
record ImageSources(
        RegistryOptions registries, Path data, EmbeddedRegistry embedded, RegistryHttp http)
        implements AutoCloseable {

    ImageSources(RegistryOptions registries, Path data, EmbeddedRegistry embedded, Clock clock) {
        this(registries, data, embedded, new RegistryHttp(clock, registries.caFile()));
    }

    /** The source of {@code reference}, with a project's log-ins; the caller closes it. */
    ImageSource open(ProjectName project, ImageReference reference, Deadline deadline) {
        String name = reference.toString();
        return switch (reference) {
            case ImageReference.OciLayout r ->
                    OciLayoutSource.directory(name, r.directory(), r.tag());
            case ImageReference.OciArchive r -> OciLayoutSource.archive(name, r.file(), r.tag());
            case ImageReference.DockerArchive r -> new DockerArchiveSource(name, r.file(), r.tag());
            case ImageReference.Registry r when embedded.has(r) -> embedded.source(r);
            case ImageReference.Registry r -> new RegistrySource(r, http, of(project), deadline);
        };
    }

    /** The log-ins of Hearth's own user are the default project's, and no other's. */
    private RegistryOptions of(ProjectName project) {
        return project.isDefault()
                ? registries
                : new RegistryOptions(
                        registries.policy(),
                        DockerCredentials.of(LogInFile.ofProject(data, project.value())),
                        registries.mirrors(),
                        registries.caFile());
    }

    @Override
    public void close() {
        http.close();
    }
}
