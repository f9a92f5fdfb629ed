package dev.hearth.gateway.app;

import dev.hearth.contracts.Clock;
import dev.hearth.gateway.forward.Forwarder;
import dev.hearth.gateway.forward.FrontDoor;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.trace.Tracing;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The port where requests come in: one listener, one client and one forwarder on each event loop.
 */
final class DataPath {
    private static final int LOOPS = Runtime.getRuntime().availableProcessors();
    private static final int CONNECT_MILLIS = 1_000;
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final int CONNECTIONS_PER_INSTANCE = 1_100; // above the most concurrency, 1000
    private static final int HEADER_BYTES = 32 * 1024;
    private static final int REQUEST_LINE_BYTES = 16 * 1024;
    private static final int LONGEST_REQUEST_SECONDS = 3_660;

    private final Vertx vertx;
    private final Routes routes;
    private final Tracing tracing;
    private final Clock clock;
    private final int rehearsals;
    private final Supplier<Optional<InetSocketAddress>> registry;
    private final List<String> deployed = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;

    /**
     * @param rehearsals cold requests rehearsed once it listens
     * @param registry where the platform's own registry listens
     */
    DataPath(
            Vertx vertx,
            Routes routes,
            Tracing tracing,
            Clock clock,
            int rehearsals,
            Supplier<Optional<InetSocketAddress>> registry) {
        this.registry = registry;
        this.vertx = vertx;
        this.routes = routes;
        this.tracing = tracing;
        this.clock = clock;
        this.rehearsals = rehearsals;
    }

    /** Listens; fails when the port is taken. */
    Future<Void> listen(String host, int port) {
        HttpServerOptions server =
                new HttpServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(4096)
                        .setMaxHeaderSize(HEADER_BYTES)
                        .setMaxInitialLineLength(REQUEST_LINE_BYTES)
                        .setHandle100ContinueAutomatically(false)
                        .setIdleTimeout(LONGEST_REQUEST_SECONDS);
        return vertx.deployVerticle(
                        () -> new Loop(server), new DeploymentOptions().setInstances(LOOPS))
                .onSuccess(deployed::add)
                .onSuccess(listening -> rehearse(server))
                .mapEmpty();
    }

    private void rehearse(HttpServerOptions server) {
        if (rehearsals > 0) {
            vertx.deployVerticle(new Rehearsal(rehearsals, toInstances(), server, clock));
        }
    }

    private static HttpClientOptions toInstances() {
        return new HttpClientOptions()
                .setKeepAlive(true)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setMaxPoolSize(CONNECTIONS_PER_INSTANCE)
                .setConnectTimeout(CONNECT_MILLIS)
                .setMaxHeaderSize(HEADER_BYTES)
                .setTcpNoDelay(true)
                .setDecompressionSupported(false);
    }

    /** From now on every new request is told that the platform stops. */
    void refuseNew() {
        refusing = true;
    }

    /** Closes every connection. */
    void close() {
        List<Future<Void>> closing = new ArrayList<>();
        deployed.forEach(id -> closing.add(vertx.undeploy(id)));
        Future.join(closing)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
                .exceptionally(late -> null)
                .join();
    }

    private final class Loop extends AbstractVerticle {
        private final HttpServerOptions options;

        Loop(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> started) {
            HttpClient toInstances = vertx.createHttpClient(toInstances());
            Forwarder forwarder =
                    new Forwarder(vertx, toInstances, routes, tracing, clock, registry);
            FrontDoor.before(
                            request -> {
                                if (refusing) {
                                    Forwarder.refuseStopping(request);
                                } else {
                                    forwarder.handle(request);
                                }
                            },
                            vertx,
                            options,
                            Deadlines.DEFAULT)
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
