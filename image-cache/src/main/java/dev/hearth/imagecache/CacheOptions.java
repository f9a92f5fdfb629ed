package dev.hearth.imagecache;

import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.RegistryPolicy;
import java.nio.file.Path;
import java.util.Set;

/**
 * What an image cache needs to know.
 *
 * @param data the node's data directory; the cache lives in {@code images} there
 */
public record CacheOptions(
        Path data, CacheLimits limits, RegistryPolicy registries, DockerCredentials credentials) {

    /**
     * Where the operator puts the public keys that images must be signed by; need not be there.
     * There is one project today, {@code default}.
     */
    public Path signers() {
        return data.resolve("projects").resolve("default").resolve("signers");
    }

    /** Default limits, plain HTTP on loopback only, and the log-ins of Hearth's own user. */
    public static CacheOptions in(Path data) {
        return new CacheOptions(
                data,
                CacheLimits.DEFAULT,
                new RegistryPolicy(Set.of()),
                DockerCredentials.ofUser());
    }
}
