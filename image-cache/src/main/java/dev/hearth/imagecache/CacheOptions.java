package dev.hearth.imagecache;

import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.LogInFile;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistryPolicy;
import java.nio.file.Path;
import java.util.Set;

/**
 * What an image cache needs to know.
 *
 * @param data the node's data directory; the cache lives in {@code images} there
 */
public record CacheOptions(Path data, CacheLimits limits, RegistryOptions registries) {
    /** There is one project today. */
    private static final String PROJECT = "default";

    /** Without mirrors and with the JDK's trust. */
    public CacheOptions(
            Path data, CacheLimits limits, RegistryPolicy policy, DockerCredentials credentials) {
        this(data, limits, new RegistryOptions(policy, credentials));
    }

    /** Default limits, plain HTTP on loopback only, and the log-ins of Hearth's own user. */
    public static CacheOptions in(Path data) {
        return new CacheOptions(
                data,
                CacheLimits.DEFAULT,
                new RegistryPolicy(Set.of()),
                withProject(DockerCredentials.ofUser(), data));
    }

    /** Log-ins over which those of the project win. */
    public static DockerCredentials withProject(DockerCredentials credentials, Path data) {
        return credentials.after(LogInFile.ofProject(data, PROJECT));
    }
}
