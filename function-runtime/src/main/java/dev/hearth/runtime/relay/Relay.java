package dev.hearth.runtime.relay;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Takes connections of gateways and joins each to an instance of this node: a SOCKS5 proxy that
 * knows nobody but those who have the password, and leads nowhere but to instances. The two ends
 * are then one byte stream each way; who reads slowly is not read for faster.
 */
public final class Relay implements AutoCloseable {
    private static final int HANDSHAKE_MILLIS = 5_000;
    private static final int CONNECT_MILLIS = 1_000;
    private static final int LISTEN_SECONDS = 10;
    private static final int BACKLOG = 1024;

    private final Vertx vertx;
    private final Predicate<String> password;
    private final BiPredicate<String, Integer> instance;
    private final String deployed;

    private Relay(
            Vertx vertx,
            String host,
            int port,
            Predicate<String> password,
            BiPredicate<String, Integer> instance) {
        this.vertx = vertx;
        this.password = password;
        this.instance = instance;
        this.deployed = deploy(host, port);
    }

    /**
     * Listens.
     *
     * @param password whether one is right
     * @param instance whether an address and port are those of an instance that may be reached
     * @throws HearthException CONFLICT {@code port-in-use}
     */
    public static Relay listen(
            Vertx vertx,
            String host,
            int port,
            Predicate<String> password,
            BiPredicate<String, Integer> instance) {
        return new Relay(vertx, host, port, password, instance);
    }

    private String deploy(String host, int port) {
        NetServerOptions server =
                new NetServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(BACKLOG);
        try {
            return vertx.deployVerticle(
                            () -> new Loop(server),
                            new DeploymentOptions()
                                    .setInstances(Runtime.getRuntime().availableProcessors()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LISTEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "port-in-use",
                    "port "
                            + port
                            + " cannot be listened on for the node's relay ("
                            + e.getMessage()
                            + "); stop what uses it, or choose another with HEARTH_NODE_RELAY_PORT",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw HearthException.from(e);
        }
    }

    /** One event loop's listener, and its connections to instances. */
    private final class Loop extends AbstractVerticle {
        private final NetServerOptions options;

        Loop(NetServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> listening) {
            NetClient client =
                    vertx.createNetClient(
                            new NetClientOptions()
                                    .setConnectTimeout(CONNECT_MILLIS)
                                    .setTcpNoDelay(true));
            NetServer server = vertx.createNetServer(options);
            server.connectHandler(gateway -> new Joining(gateway, client).begin());
            server.listen().<Void>mapEmpty().onComplete(listening);
        }
    }

    /** A gateway's connection until it is joined to an instance. */
    private final class Joining {
        private final NetSocket gateway;
        private final NetClient client;
        private final Handshake handshake = new Handshake(password);

        Joining(NetSocket gateway, NetClient client) {
            this.gateway = gateway;
            this.client = client;
        }

        void begin() {
            long timer = vertx.setTimer(HANDSHAKE_MILLIS, late -> gateway.close());
            gateway.closeHandler(gone -> vertx.cancelTimer(timer));
            gateway.handler(
                    octets -> {
                        handshake.read(octets);
                        gateway.write(handshake.answer());
                        if (handshake.isRefused()) {
                            vertx.cancelTimer(timer);
                            gateway.end();
                        } else if (handshake.isDone()) {
                            vertx.cancelTimer(timer);
                            join();
                        }
                    });
        }

        private void join() {
            gateway.pause();
            if (!instance.test(handshake.host(), handshake.port())) {
                gateway.write(Handshake.Reply.NOT_ALLOWED.message());
                gateway.end();
                return;
            }
            client.connect(handshake.port(), handshake.host())
                    .onSuccess(this::joined)
                    .onFailure(
                            refused -> {
                                gateway.write(Handshake.Reply.REFUSED.message());
                                gateway.end();
                            });
        }

        private void joined(NetSocket container) {
            gateway.closeHandler(gone -> container.close());
            container.closeHandler(gone -> gateway.close());
            gateway.write(Handshake.Reply.SUCCEEDED.message());
            if (handshake.rest().length() > 0) {
                container.write(handshake.rest());
            }
            gateway.pipeTo(container);
            container.pipeTo(gateway);
        }
    }

    /** Closes the listener and every connection. */
    @Override
    public void close() {
        vertx.undeploy(deployed).toCompletionStage().toCompletableFuture().join();
    }
}
