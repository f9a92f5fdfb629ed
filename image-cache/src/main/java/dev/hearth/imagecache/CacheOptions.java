package dev.hearth.imagecache;

import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.ProjectName;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.LogInFile;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistryPolicy;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * What an image cache needs to know.
 *
 * @param data the node's data directory; the cache lives in {@code images} there
 * @param registry what the embedded registry is told
 * @param diskBudget what layers and pushed blobs together may take before images are evicted
 */
public record CacheOptions(
        Path data,
        CacheLimits limits,
        RegistryOptions registries,
        EmbeddedRegistry.Settings registry,
        DataSize diskBudget) {
    /**
     * Where the operator puts the public keys that a project's images must be signed by; need not
     * be there.
     */
    public Path signers(ProjectName project) {
        return data.resolve("projects").resolve(project.value()).resolve("signers");
    }

    /**
     * Default limits, plain HTTP on loopback only, the log-ins of Hearth's own user, and a registry
     * with a token that nobody knows.
     */
    public static CacheOptions in(Path data) {
        return new CacheOptions(
                data,
                CacheLimits.DEFAULT,
                new RegistryOptions(
                        new RegistryPolicy(Set.of()),
                        withProject(DockerCredentials.ofUser(), data)),
                new EmbeddedRegistry.Settings(
                        List.of("localhost:8080"), secret(), DataSize.parse("16Gi").bytes()),
                DataSize.parse("1Ti"));
    }

    /** Log-ins over which those of the default project win. */
    public static DockerCredentials withProject(DockerCredentials credentials, Path data) {
        return credentials.after(LogInFile.ofProject(data, ProjectName.DEFAULT.value()));
    }

    /** The same with other limits. */
    public CacheOptions with(CacheLimits other) {
        return new CacheOptions(data, other, registries, registry, diskBudget);
    }

    /** The same with something else said about registries. */
    public CacheOptions with(RegistryOptions other) {
        return new CacheOptions(data, limits, other, registry, diskBudget);
    }

    /** The same with another disk budget. */
    public CacheOptions with(DataSize budget) {
        return new CacheOptions(data, limits, registries, registry, budget);
    }

    /** The same with other settings of the embedded registry. */
    public CacheOptions with(EmbeddedRegistry.Settings settings) {
        return new CacheOptions(data, limits, registries, settings, diskBudget);
    }

    private static String secret() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
