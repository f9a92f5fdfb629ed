package dev.hearth.runtime.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.TaskPort;
import dev.hearth.nodeapi.ClusterToken;
import dev.hearth.runtime.relay.Relay;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens the node to gateways on other machines: gRPC for what they ask of it, and a relay for
 * connections to its instances. Stopping it is draining the node: no more starts, the gateways
 * replace what runs here elsewhere and stop it, and only then the doors are closed.
 */
public final class NodeServer implements Room {
    private static final Logger LOG = Logger.getLogger(NodeServer.class);
    private static final long BEAT_MILLIS = 500;
    private static final int BEATS_PER_WHOLE = 5;
    private static final int MOST_MESSAGE_BYTES = 4 << 20;
    private static final long SHUTDOWN_SECONDS = 2;

    private final Settings settings;
    private final Vertx vertx;
    private final RuntimePort runtime;
    private final TaskPort tasks;
    private final ImagePort images;
    private final ImageAdminPort store;
    private final NodeCondition condition;
    private final Clock clock;
    private final ScheduledExecutorService heart =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("node-heartbeat").factory());
    private @Nullable NodeService service;
    private @Nullable Relay relay;
    private @Nullable Server server;
    private int beats;

    /**
     * @param name unlike those of other nodes
     * @param host that it listens on
     * @param port of gRPC
     * @param relayPort of the relay
     * @param drain how long gateways have to replace what runs here before it is stopped
     */
    public record Settings(
            String name,
            String host,
            int port,
            int relayPort,
            ClusterToken token,
            Duration drain) {}

    public NodeServer(
            Settings settings,
            Vertx vertx,
            RuntimePort runtime,
            TaskPort tasks,
            ImagePort images,
            ImageAdminPort store,
            NodeCondition condition,
            Clock clock) {
        this.settings = settings;
        this.vertx = vertx;
        this.runtime = runtime;
        this.tasks = tasks;
        this.images = images;
        this.store = store;
        this.condition = condition;
        this.clock = clock;
    }

    @Override
    public Step step() {
        return Step.TRAFFIC;
    }

    @Override
    public void start() {
        NodeService mine =
                new NodeService(
                        settings.name,
                        runtime,
                        tasks,
                        images,
                        store,
                        condition,
                        settings.relayPort,
                        clock);
        service = mine;
        relay =
                Relay.listen(
                        vertx,
                        settings.host,
                        settings.relayPort,
                        settings.token::is,
                        mine::isInstance);
        server = listen(mine);
        heart.scheduleAtFixedRate(
                () -> beat(mine), BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
        LOG.infof(
                "node %s ready: gRPC on port %d, relay on port %d",
                settings.name, settings.port, settings.relayPort);
    }

    private Server listen(NodeService mine) {
        try {
            return NettyServerBuilder.forAddress(
                            new InetSocketAddress(settings.host, settings.port))
                    .executor(
                            Executors.newThreadPerTaskExecutor(
                                    Thread.ofVirtual().name("node-call-", 0).factory()))
                    .intercept(settings.token.guard())
                    .maxInboundMessageSize(MOST_MESSAGE_BYTES)
                    .addService(mine)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "port-in-use",
                    "port "
                            + settings.port
                            + " cannot be listened on for the node's gRPC ("
                            + e.getMessage()
                            + "); stop what uses it, or choose another with HEARTH_NODE_PORT",
                    e);
        }
    }

    /** A scheduled task that throws is never run again; one bad beat must not end them all. */
    private void beat(NodeService mine) {
        try {
            mine.beat(++beats % BEATS_PER_WHOLE == 0);
        } catch (RuntimeException e) {
            LOG.error("a heartbeat of the node failed", e);
        }
    }

    /** Drains, then closes; see the class. */
    @Override
    public void stop() {
        NodeService mine = service;
        if (mine != null) {
            mine.drain();
            awaitDrained(mine);
        }
        heart.shutdownNow();
        if (mine != null) {
            mine.end();
        }
        Server listening = server;
        if (listening != null) {
            shutDown(listening);
        }
        Relay open = relay;
        if (open != null) {
            open.close();
        }
    }

    private void awaitDrained(NodeService mine) {
        long deadline = clock.nanos() + settings.drain.toNanos();
        try {
            while (mine.instances() > 0 && clock.nanos() - deadline < 0) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (mine.instances() > 0) {
            LOG.warnf(
                    "%d instances were not replaced within %d s and are stopped now",
                    mine.instances(), settings.drain.toSeconds());
        }
    }

    private static void shutDown(Server listening) {
        try {
            if (!listening.shutdown().awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                listening.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            listening.shutdownNow();
        }
    }
}
