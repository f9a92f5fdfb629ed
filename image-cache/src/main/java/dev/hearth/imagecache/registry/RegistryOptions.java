package dev.hearth.imagecache.registry;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the operator says about registries.
 *
 * @param policy whom a registry may make us call
 * @param credentials log-ins
 * @param mirrors whom to ask first
 * @param caFile certificates, PEM, of authorities to trust beside the JDK's own
 */
public record RegistryOptions(
        RegistryPolicy policy,
        DockerCredentials credentials,
        Mirrors mirrors,
        Optional<Path> caFile) {

    /** Without mirrors and with the JDK's trust. */
    public RegistryOptions(RegistryPolicy policy, DockerCredentials credentials) {
        this(policy, credentials, Mirrors.NONE, Optional.empty());
    }
}
