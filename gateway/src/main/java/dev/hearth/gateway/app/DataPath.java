package dev.hearth.gateway.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.forward.Forwarder;
import dev.hearth.gateway.forward.FrontDoor;
import dev.hearth.gateway.forward.InstanceClients;
import dev.hearth.gateway.forward.InvokerToken;
import dev.hearth.gateway.forward.OwnAnswers;
import dev.hearth.gateway.forward.RegistryPass;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.tls.CertificateFiles;
import dev.hearth.gateway.tls.CertificateWatch;
import dev.hearth.gateway.trace.Tracing;
import io.netty.channel.EventLoop;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.KeyCertOptions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The port where requests come in: one listener, one client and one forwarder on each event loop.
 */
final class DataPath {
    private static final int LOOPS = Runtime.getRuntime().availableProcessors();

    /** There are twice as many event loops as {@link #LOOPS}. */
    private static final int MOST_DEPLOYED = 8 * LOOPS;

    /** Of one client's connection; Netty's default and Envoy's bound for the open internet. */
    private static final long STREAMS_PER_CONNECTION = 100;

    /** What a client may send ahead of the container's reading, for each stream. */
    private static final int STREAM_WINDOW = 256 * 1024;

    private static final int CONNECTION_WINDOW = 1 << 20;
    private static final long LOOK_AT_CERTIFICATES_MILLIS = 5_000;
    private static final int REQUEST_LINE_BYTES = 16 * 1024;
    private static final int LONGEST_REQUEST_SECONDS = 3_660;

    private final Vertx vertx;
    private final Routes routes;
    private final Tracing tracing;
    private final Clock clock;
    private final int rehearsals;
    private final OwnAnswers own;
    private final TrustedProxies proxies;
    private final Set<EventLoop> serving = ConcurrentHashMap.newKeySet();
    private final List<String> deployed = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;
    private volatile @Nullable CertificateWatch certificates;

    /**
     * @param rehearsals cold requests rehearsed once it listens
     * @param registry where the platform's own registry listens
     * @param pass who else than holders of its own token may use it
     * @param challenges what an authority of certificates may ask for
     * @param invokers what callers of private services show
     * @param jwtCallers who lets in callers with a JWT; empty for nobody
     * @param peers the platform's other gateways; empty when there can be none
     * @param proxies whose word about where requests come from is taken
     */
    DataPath(
            Vertx vertx,
            Routes routes,
            Tracing tracing,
            Clock clock,
            int rehearsals,
            Supplier<Optional<InetSocketAddress>> registry,
            Optional<RegistryPass> pass,
            Challenges challenges,
            InvokerToken invokers,
            Optional<JwtCallers> jwtCallers,
            Optional<Peers> peers,
            TrustedProxies proxies) {
        this.own =
                new OwnAnswers(
                        registry, pass, challenges, invokers, jwtCallers, peers, () -> refusing);
        this.proxies = proxies;
        this.vertx = vertx;
        this.routes = routes;
        this.tracing = tracing;
        this.clock = clock;
        this.rehearsals = rehearsals;
    }

    /**
     * Where TLS is spoken, and with which certificates.
     *
     * @param port beside that of plain HTTP
     * @param files those there are, at the moment
     */
    record Tls(int port, Supplier<CertificateFiles> files) {}

    /**
     * Listens; fails when a port is taken.
     *
     * @param port of HTTP/1.1 and HTTP/2 without TLS
     */
    Future<Void> listen(String host, int port, Optional<Tls> tls) {
        HttpServerOptions plain = options(host, port);
        Optional<HttpServerOptions> secure = tls.map(t -> secure(host, t));
        return serve(() -> new Loop(plain, secure), LOOPS, MOST_DEPLOYED)
                .onSuccess(listening -> rehearse(plain));
    }

    /**
     * Serves on so many event loops. Vert.x deals them out by turns to whoever asks, others among
     * them, so that a verticle may get one that serves already; it gives way to the next then.
     */
    private Future<Void> serve(Supplier<Loop> loops, int wanted, int most) {
        if (wanted == 0 || most == 0) {
            return Future.succeededFuture();
        }
        Loop loop = loops.get();
        return vertx.deployVerticle(loop)
                .compose(
                        id -> {
                            if (loop.serves) {
                                deployed.add(id);
                                return serve(loops, wanted - 1, most - 1);
                            }
                            return vertx.undeploy(id)
                                    .compose(gone -> serve(loops, wanted, most - 1));
                        });
    }

    private HttpServerOptions secure(String host, Tls tls) {
        CertificateWatch watch =
                CertificateWatch.begin(vertx, tls.files(), LOOK_AT_CERTIFICATES_MILLIS);
        certificates = watch;
        return options(host, tls.port())
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(KeyCertOptions.wrap(watch.current()));
    }

    private static HttpServerOptions options(String host, int port) {
        return new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setTcpNoDelay(true)
                .setAcceptBacklog(4096)
                .setMaxHeaderSize(InstanceClients.HEADER_BYTES)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES)
                .setMaxChunkSize(InstanceClients.PIECE_BYTES)
                .setHandle100ContinueAutomatically(false)
                .setIdleTimeout(LONGEST_REQUEST_SECONDS)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setInitialSettings(
                        new Http2Settings()
                                .setMaxConcurrentStreams(STREAMS_PER_CONNECTION)
                                .setInitialWindowSize(STREAM_WINDOW)
                                .setMaxHeaderListSize(InstanceClients.HEADER_BYTES));
    }

    private void rehearse(HttpServerOptions server) {
        if (rehearsals > 0) {
            vertx.deployVerticle(new Rehearsal(rehearsals, server, clock));
        }
    }

    /** From now on every new request is told that the platform stops. */
    void refuseNew() {
        refusing = true;
    }

    /** Closes every connection. */
    void close() {
        CertificateWatch watch = certificates;
        if (watch != null) {
            watch.close();
        }
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
        private final HttpServerOptions plain;
        private final Optional<HttpServerOptions> secure;
        private volatile boolean serves;

        Loop(HttpServerOptions plain, Optional<HttpServerOptions> secure) {
            this.plain = plain;
            this.secure = secure;
        }

        @Override
        public void start(Promise<Void> started) {
            serves = serving.add(((ContextInternal) context).nettyEventLoop());
            if (!serves) {
                started.complete();
                return;
            }
            Forwarder forwarder =
                    new Forwarder(
                            vertx, InstanceClients.on(vertx), routes, tracing, clock, own, proxies);
            serve(plain, forwarder)
                    .compose(
                            listening ->
                                    secure.map(s -> serve(s, forwarder))
                                            .orElseGet(() -> Future.succeededFuture(listening)))
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        private Future<HttpServer> serve(HttpServerOptions options, Forwarder forwarder) {
            return FrontDoor.before(forwarder, vertx, options, Deadlines.DEFAULT).listen();
        }
    }
}
