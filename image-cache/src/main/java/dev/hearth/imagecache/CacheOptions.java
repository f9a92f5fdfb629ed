package dev.hearth.imagecache;

import dev.hearth.contracts.DataSize;
import dev.hearth.imagecache.registry.DockerCredentials;
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
        RegistryPolicy registries,
        DockerCredentials credentials,
        EmbeddedRegistry.Settings registry,
        DataSize diskBudget) {

    /**
     * Where the operator puts the public keys that images must be signed by; need not be there.
     * There is one project today, {@code default}.
     */
    public Path signers() {
        return data.resolve("projects").resolve("default").resolve("signers");
    }

    /**
     * Default limits, plain HTTP on loopback only, the log-ins of Hearth's own user, and a registry
     * with a token that nobody knows.
     */
    public static CacheOptions in(Path data) {
        return new CacheOptions(
                data,
                CacheLimits.DEFAULT,
                new RegistryPolicy(Set.of()),
                DockerCredentials.ofUser(),
                new EmbeddedRegistry.Settings(
                        List.of("localhost:8080"), secret(), DataSize.parse("16Gi").bytes()),
                DataSize.parse("1Ti"));
    }

    /** The same with other limits. */
    public CacheOptions with(CacheLimits other) {
        return new CacheOptions(data, other, registries, credentials, registry, diskBudget);
    }

    /** The same with another policy and other log-ins. */
    public CacheOptions with(RegistryPolicy policy, DockerCredentials logIns) {
        return new CacheOptions(data, limits, policy, logIns, registry, diskBudget);
    }

    /** The same with another disk budget. */
    public CacheOptions with(DataSize budget) {
        return new CacheOptions(data, limits, registries, credentials, registry, budget);
    }

    /** The same with other settings of the embedded registry. */
    public CacheOptions with(EmbeddedRegistry.Settings settings) {
        return new CacheOptions(data, limits, registries, credentials, settings, diskBudget);
    }

    private static String secret() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
