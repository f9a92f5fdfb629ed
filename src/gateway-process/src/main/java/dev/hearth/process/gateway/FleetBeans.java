package dev.hearth.process.gateway;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.TaskPort;
import dev.hearth.gateway.fleet.Fleet;
import dev.hearth.gateway.fleet.FleetImages;
import dev.hearth.gateway.fleet.FleetSettings;
import dev.hearth.gateway.fleet.FleetTasks;
import dev.hearth.gateway.fleet.Nodes;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.nodeapi.ClusterToken;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The ports that on one machine are the node's own, made of nodes elsewhere. */
@Singleton
class FleetBeans {
    private static final Duration NODES_DEADLINE = Duration.ofSeconds(3);

    private final Peers peers;
    private final Fleet fleet;
    private final FleetTasks tasks;
    private final FleetImages images;

    /**
     * @param id of this gateway, unlike those of others
     * @param nodes {@code HOST:PORT} of the nodes' gRPC; a name stands for all its addresses
     * @param others {@code HOST:PORT} where gateways take requests, this one too if need be
     * @param token what the platform's processes know each other by
     */
    @Inject
    FleetBeans(
            Vertx vertx,
            @ConfigProperty(name = "hearth.gateway.id") String id,
            @ConfigProperty(name = "hearth.nodes") List<String> nodes,
            @ConfigProperty(name = "hearth.gateway.peers") Optional<List<String>> others,
            @ConfigProperty(name = "hearth.cluster-token") String token) {
        Clock clock = Clock.system();
        ClusterToken secret = new ClusterToken(token);
        this.peers =
                new Peers(
                        vertx,
                        new Peers.Settings(
                                Addresses.requireId(id),
                                Addresses.parse("HEARTH_GATEWAY_PEERS", others.orElse(List.of())),
                                token,
                                secret::is),
                        clock);
        Nodes watched =
                new Nodes(
                        new FleetSettings(id, Addresses.parse("HEARTH_NODES", nodes), secret),
                        clock);
        this.fleet = new Fleet(watched, peers, id, clock);
        this.tasks = new FleetTasks(watched, fleet, clock);
        this.images = new FleetImages(watched, fleet);
    }

    @Produces
    @Singleton
    Peers peers() {
        return peers;
    }

    @Produces
    @Singleton
    RuntimePort runtime() {
        return fleet;
    }

    @Produces
    @Singleton
    TaskPort tasks() {
        return tasks;
    }

    @Produces
    @Singleton
    ImagePort images() {
        return images;
    }

    @Produces
    @Singleton
    ImageAdminPort imageAdmin() {
        return images;
    }

    /** Knows the other gateways and the nodes before anything is routed. */
    @Produces
    @Singleton
    Room room() {
        return new Room() {
            @Override
            public Step step() {
                return Step.RUNTIME;
            }

            @Override
            public void start() {
                peers.start();
                fleet.awaitNodes(NODES_DEADLINE);
            }

            @Override
            public void stop() {
                peers.close();
                fleet.close();
            }
        };
    }
}
