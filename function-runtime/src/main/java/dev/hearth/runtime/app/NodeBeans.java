package dev.hearth.runtime.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.TaskPort;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.runtime.instance.InstanceLimits;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.slot.SlotPool;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the node agent out of configuration. */
class NodeBeans {
    @Produces
    @Singleton
    NodeAgent agent(
            @ConfigProperty(name = "hearth.data") Path data, NodeConfig config, ImageStore images) {
        int slots = config.slots().orElseGet(() -> SlotPool.usualSize(Host.memoryBytes()));
        NodeSettings settings =
                new NodeSettings(
                        data,
                        data.resolve("images/layers"),
                        slots,
                        config.loadedSlots().orElse(slots),
                        DataSize.parse(config.logSize()).bytes(),
                        new InstanceLimits(
                                Durations.parse(config.startupTimeout()),
                                Durations.parse(config.stopGrace()),
                                config.processes()),
                        config.seccompProfile().orElse(""),
                        config.dns().orElse(List.of()));
        return new NodeAgent(settings, images, Clock.system());
    }

    @Produces
    @Singleton
    TaskPort tasks(NodeAgent agent) {
        return new TaskAgent(agent);
    }
}
