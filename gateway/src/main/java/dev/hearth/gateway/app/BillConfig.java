package dev.hearth.gateway.app;

import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Prices;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The price list, and how long the bill's items are kept; each constructor parameter names its key.
 * See {@link Prices#LIST} for the defaults.
 */
@Singleton
class BillConfig {
    private final Prices prices;
    private final Duration itemsKept;
    private final DataSize itemsDisk;

    /**
     * @param itemsKept 0s for no items
     * @param itemsDisk that items take at most, about; the oldest go first
     */
    @Inject
    BillConfig(
            @ConfigProperty(name = "hearth.prices.vcpu-second", defaultValue = "0.000024")
                    double vcpuSecond,
            @ConfigProperty(name = "hearth.prices.gib-second", defaultValue = "0.0000025")
                    double gibSecond,
            @ConfigProperty(name = "hearth.prices.million-requests", defaultValue = "0.40")
                    double millionRequests,
            @ConfigProperty(name = "hearth.prices.egress-gib", defaultValue = "0") double egressGib,
            @ConfigProperty(name = "hearth.prices.idle-vcpu-second", defaultValue = "0.0000025")
                    double idleVcpuSecond,
            @ConfigProperty(name = "hearth.prices.idle-gib-second", defaultValue = "0.0000025")
                    double idleGibSecond,
            @ConfigProperty(name = "hearth.prices.instance-vcpu-second", defaultValue = "0.000018")
                    double instanceVcpuSecond,
            @ConfigProperty(name = "hearth.prices.instance-gib-second", defaultValue = "0.000002")
                    double instanceGibSecond,
            @ConfigProperty(name = "hearth.usage.items.kept", defaultValue = "168h")
                    String itemsKept,
            @ConfigProperty(name = "hearth.usage.items.disk", defaultValue = "1Gi")
                    String itemsDisk) {
        this.prices =
                new Prices(
                        vcpuSecond,
                        gibSecond,
                        millionRequests,
                        egressGib,
                        new Prices.Time(idleVcpuSecond, idleGibSecond),
                        new Prices.Time(instanceVcpuSecond, instanceGibSecond));
        this.itemsKept = Durations.parse(itemsKept);
        this.itemsDisk = DataSize.parse(itemsDisk);
    }

    Prices prices() {
        return prices;
    }

    Duration itemsKept() {
        return itemsKept;
    }

    DataSize itemsDisk() {
        return itemsDisk;
    }
}
