package dev.hearth.process.node;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.TaskPort;
import dev.hearth.nodeapi.ClusterToken;
import dev.hearth.runtime.serve.NodeCondition;
import dev.hearth.runtime.serve.NodeServer;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Opens the node to gateways. */
class ServerBeans {
    /**
     * @param name unlike those of other nodes
     * @param host to listen on
     * @param port of gRPC
     * @param relayPort where connections to instances are relayed
     * @param drain how long gateways have to replace what runs here, when the node is told to stop
     * @param token what the platform's processes know each other by
     */
    @Produces
    @Singleton
    NodeServer server(
            Vertx vertx,
            RuntimePort runtime,
            TaskPort tasks,
            ImagePort images,
            ImageAdminPort store,
            NodeCondition condition,
            @ConfigProperty(name = "hearth.node.name") String name,
            @ConfigProperty(name = "hearth.node.host") String host,
            @ConfigProperty(name = "hearth.node.port") int port,
            @ConfigProperty(name = "hearth.node.relay-port") int relayPort,
            @ConfigProperty(name = "hearth.node.drain") String drain,
            @ConfigProperty(name = "hearth.cluster-token") String token) {
        return new NodeServer(
                new NodeServer.Settings(
                        name,
                        host,
                        port,
                        relayPort,
                        new ClusterToken(token),
                        Durations.parse(drain)),
                vertx,
                runtime,
                tasks,
                images,
                store,
                condition,
                Clock.system());
    }
}
