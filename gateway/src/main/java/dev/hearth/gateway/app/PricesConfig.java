package dev.hearth.gateway.app;

import dev.hearth.contracts.Prices;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The price list; each constructor parameter names its key. See {@link Prices#LIST} for the
 * defaults.
 */
@Singleton
class PricesConfig {
    private final Prices prices;

    @Inject
    PricesConfig(
            @ConfigProperty(name = "hearth.prices.vcpu-second", defaultValue = "0.000024")
                    double vcpuSecond,
            @ConfigProperty(name = "hearth.prices.gib-second", defaultValue = "0.0000025")
                    double gibSecond,
            @ConfigProperty(name = "hearth.prices.million-requests", defaultValue = "0.40")
                    double millionRequests,
            @ConfigProperty(name = "hearth.prices.egress-gib", defaultValue = "0")
                    double egressGib) {
        this.prices = new Prices(vcpuSecond, gibSecond, millionRequests, egressGib);
    }

    Prices prices() {
        return prices;
    }
}
