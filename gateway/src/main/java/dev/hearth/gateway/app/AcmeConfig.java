package dev.hearth.gateway.app;

import dev.hearth.contracts.AcmeOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The settings of ACME; each constructor parameter names its key. */
@Singleton
class AcmeConfig {
    private final Optional<AcmeOptions> options;

    /**
     * @param names host names with commas between; without any no certificates are got
     * @param email where the authority may write to
     * @param directory the authority's, when it is not the usual one
     * @param trusted a PEM file with the root of the directory's own certificate
     * @param data what the platform keeps; keys and certificates are in {@code acme} below it
     */
    @Inject
    AcmeConfig(
            @ConfigProperty(name = "hearth.acme.domains") Optional<String> names,
            @ConfigProperty(name = "hearth.acme.email") Optional<String> email,
            @ConfigProperty(name = "hearth.acme.directory") Optional<String> directory,
            @ConfigProperty(name = "hearth.acme.ca") Optional<String> trusted,
            @ConfigProperty(name = "hearth.data") Path data) {
        this.options =
                names.map(
                        n -> AcmeOptions.parse(n, email, directory, trusted, data.resolve("acme")));
    }

    Optional<AcmeOptions> options() {
        return options;
    }
}
