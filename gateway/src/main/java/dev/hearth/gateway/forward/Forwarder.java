package dev.hearth.gateway.forward;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.limit.RateExceeded;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.peer.PassedOn;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.Peer;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.trace.RequestTrace;
import dev.hearth.gateway.trace.Tracing;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests on one event loop and sends them on: match the host, then an {@link Exchange} does
 * the rest. Its clients, and so every connection to an instance, belong to the same loop.
 */
public final class Forwarder {
    private final Vertx vertx;
    private final InstanceClients clients;
    private final Routes routes;
    private final Tracing tracing;
    private final Clock clock;
    private final RegistryForward registry;
    private final InstanceConnections connections;
    private final OwnAnswers own;
    private final TrustedProxies proxies;
    private final Flushes flushes = new Flushes();

    /** Connections to instances that have carried a request; only touched on this loop. */
    private final Set<HttpConnection> used = Collections.newSetFromMap(new WeakHashMap<>());

    public Forwarder(
            Vertx vertx,
            InstanceClients clients,
            Routes routes,
            Tracing tracing,
            Clock clock,
            OwnAnswers own,
            TrustedProxies proxies) {
        this.connections = new InstanceConnections(vertx, clock, flushes);
        this.own = own;
        this.proxies = proxies;
        this.registry = new RegistryForward(clients.http1(), own, proxies);
        this.vertx = vertx;
        this.clients = clients;
        this.routes = routes;
        this.tracing = tracing;
        this.clock = clock;
    }

    Vertx vertx() {
        return vertx;
    }

    InstanceClients clients() {
        return clients;
    }

    /** Whether a connection has carried a request before this one. */
    boolean isReused(HttpConnection connection) {
        return !used.add(connection);
    }

    Clock clock() {
        return clock;
    }

    InstanceConnections connections() {
        return connections;
    }

    Flushes flushes() {
        return flushes;
    }

    InvokerToken invokers() {
        return own.invokers();
    }

    TrustedProxies proxies() {
        return proxies;
    }

    boolean isStopping() {
        return own.stopping().getAsBoolean();
    }

    // ---- requests of plain connections

    /** The pool for a host, if it can take requests as they come; null when more is to be done. */
    @Nullable RevisionPool plainPool(String host) {
        RevisionPool pool = routes.find(host);
        return pool == null
                        || !pool.door().isOpen()
                        || pool.revision().container().http2()
                        || pool.revision().requests().sessionAffinity()
                ? null
                : pool;
    }

    /** Whether a request is an authority's, and none of the service's that has the host. */
    boolean isChallenge(RequestHead head, ByteBuf in) {
        return !own.challenges().isEmpty() && own.challenges().answer(head.path(in)).isPresent();
    }

    /** Why a service's limits let no request of this client in now; empty when they do. */
    Optional<RateExceeded> excess(RevisionPool pool, String client) {
        return pool.limits().unlimited()
                ? Optional.empty()
                : pool.limits().admit(client, clock.nanos());
    }

    /** Begins the trace of a request, whose head begins at the buffer's reader index. */
    RequestTrace trace(RequestHead head, ByteBuf in) {
        return tracing.begin(
                head.method(),
                tracing.isTold() ? head.path(in) : "",
                head.host(),
                head.traceparent(),
                head.tracestate());
    }

    // ---- requests that Vert.x has read

    /** Handles one request, on its event loop. */
    public void handle(HttpServerRequest request) {
        if (own.peers().isPresent() && own.peers().get().answer(request)) {
            return;
        }
        if (isStopping()) {
            refuseStopping(request);
            return;
        }
        String path = request.path() == null ? "/" : request.path();
        Optional<String> proof = own.challenges().answer(path);
        if (proof.isPresent() && !request.isSSL()) {
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream")
                    .end(proof.get()); // RFC 8555 section 8.3
            return;
        }
        String host = host(request);
        if (host == null) {
            refuse(
                    request,
                    new HearthException(
                            ErrorKind.INVALID,
                            "invalid-host",
                            "the request must have exactly one Host header"));
            return;
        }
        if (request.method() == HttpMethod.CONNECT || request.method() == HttpMethod.TRACE) {
            refuse(
                    request,
                    new HearthException(
                            ErrorKind.INVALID,
                            "invalid-method",
                            "CONNECT and TRACE are not forwarded to containers"));
            return;
        }
        Optional<PassedOn> passed = own.peers().flatMap(peers -> peers.passedOn(request));
        RevisionPool pool = routes.find(host);
        if (pool == null) {
            if (own.peers().isPresent() && isPassedOn(request, host, own.peers().get(), passed)) {
                return;
            }
            if (routes.isForRegistry(host, path)) {
                registry.handle(request, host);
                return;
            }
            refuse(
                    request,
                    new HearthException(
                            ErrorKind.NOT_FOUND,
                            "no-such-service",
                            "no service has this host name; `hearth services` lists those there are"));
            return;
        }
        if (!pool.door().isOpen() && isRefused(pool, request)) {
            return;
        }
        Origin origin = HeaderRules.origin(request, host, proxies, passed);
        Optional<RateExceeded> excess = excess(pool, origin.client());
        if (excess.isPresent()) {
            PlatformAnswer.of(request.getHeader(HttpHeaders.ACCEPT), excess.get()).to(request);
            return;
        }
        RequestTrace trace =
                tracing.begin(
                        request.method().name(),
                        path,
                        host,
                        request.getHeader("traceparent"),
                        request.getHeader("tracestate"));
        new VertxExchange(this, vertx.getOrCreateContext(), request, pool, trace, host, origin)
                .begin();
    }

    /** Passes a request on to the gateway that sees to it, if another one does. */
    private boolean isPassedOn(
            HttpServerRequest request, String host, Peers peers, Optional<PassedOn> passed) {
        Peer home = routes.elsewhere(host);
        if (home == null) {
            return false;
        }
        if (passed.isPresent() && passed.get().from().equals(home.id())) {
            peers.leaves(home.id()); // it says that it is not for it; so it is for another now
            handle(request);
            return true;
        }
        int hops = passed.map(PassedOn::hops).orElse(0) + 1;
        if (hops > PassedOn.MOST_HOPS) {
            refuse(
                    request,
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "gateways-disagree",
                            "the gateways do not agree yet which one sees to this service; try again"
                                    + " in a second"));
            return true;
        }
        new PeerForward(this, peers, vertx.getOrCreateContext(), request, host, home, hops).begin();
        return true;
    }

    /** Tells whoever is not let in why, at once or when it is known; then the request is over. */
    private boolean isRefused(RevisionPool pool, HttpServerRequest request) {
        if (pool.door().invokers() instanceof Invokers.Jwt policy && isHeldUp(policy, request)) {
            return true;
        }
        if (pool.door().invokers() == Invokers.TOKEN) {
            Optional<HearthException> refusal =
                    own.invokers().refusal(pool.revision().service().project(), request.headers());
            if (refusal.isPresent()) {
                request.response().putHeader("WWW-Authenticate", "Bearer");
                refuse(request, refusal.get());
                return true;
            }
        }
        if (pool.door().spent()) {
            PlatformAnswer.spent(
                            request.getHeader(HttpHeaders.ACCEPT),
                            pool.revision().service(),
                            clock.now())
                    .to(request);
            return true;
        }
        return false;
    }

    /**
     * Whether it has to be found out first who calls. When it is, and is somebody who may, the
     * request is handled anew.
     */
    private boolean isHeldUp(Invokers.Jwt policy, HttpServerRequest request) {
        if (own.jwtCallers().isEmpty()) {
            refuse(
                    request,
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "callers-unknown",
                            "this gateway cannot tell who calls"));
            return true;
        }
        JwtCallers callers = own.jwtCallers().get();
        if (callers.isKnown(policy, request.headers())) {
            return false;
        }
        request.pause(); // its body waits
        callers.check(policy, request.headers())
                .onComplete(checked -> request.resume())
                .onSuccess(known -> handle(request))
                .onFailure(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.UNAUTHENTICATED
                                    && !request.response().closed()) {
                                request.response().putHeader("WWW-Authenticate", "Bearer");
                            }
                            refuse(request, why);
                        });
        return true;
    }

    private static @Nullable String host(HttpServerRequest request) {
        if (request.headers().getAll(HttpHeaders.HOST).size() > 1) {
            return null;
        }
        HostAndPort authority = request.authority();
        if (authority == null) {
            return null;
        }
        String header = request.getHeader(HttpHeaders.HOST);
        return header != null ? header : authority.toString();
    }

    /** Tells a request that came while the platform stops to come back later. */
    private static void refuseStopping(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        refuse(
                request,
                new HearthException(
                        ErrorKind.UNAVAILABLE, "platform-stopping", "the platform is stopping"));
    }

    private static void refuse(HttpServerRequest request, HearthException why) {
        PlatformAnswer.send(request, why);
    }
}
