package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.peer.PassedOn;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.route.Peer;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request that another gateway sees to: passed on to that one as it came, and its answer passed
 * back as it comes, both streaming. On the event loop of the request.
 *
 * <p>When the other is gone before it can have begun with the request, the request is routed anew;
 * so it is when the connection breaks before an answer, if it may be repeated.
 */
final class PeerForward {
    // RFC 9113 section 7; in HTTP/1.1 a reset closes the connection
    private static final long INTERNAL_ERROR = 2;
    private static final long CANCEL = 8;

    private final Forwarder forwarder;
    private final Peers peers;
    private final Context loop;
    private final HttpServerRequest request;
    private final String host;
    private final Peer peer;
    private final int hops;
    private @Nullable HttpClientRequest sent;
    private boolean bodyBegun;
    private boolean over;

    /**
     * @param hops how often the request will have been passed on
     */
    PeerForward(
            Forwarder forwarder,
            Peers peers,
            Context loop,
            HttpServerRequest request,
            String host,
            Peer peer,
            int hops) {
        this.forwarder = forwarder;
        this.peers = peers;
        this.loop = loop;
        this.request = request;
        this.host = host;
        this.peer = peer;
        this.hops = hops;
    }

    void begin() {
        peers.passes();
        request.pause(); // until there is somewhere for its body to go
        request.response().closeHandler(gone -> clientGone());
        request.response().exceptionHandler(gone -> clientGone());
        client().request(
                        new RequestOptions()
                                .setHost(peer.host())
                                .setPort(peer.port())
                                .setMethod(request.method())
                                .setURI(request.uri()))
                .onFailure(unreachable -> again())
                .onSuccess(this::send);
    }

    /** In the client's own protocol, so that streams stay streams and trailers trailers. */
    private HttpClient client() {
        return request.version() == HttpVersion.HTTP_2
                ? forwarder.clients().http2()
                : forwarder.clients().http1();
    }

    private void clientGone() {
        HttpClientRequest upstream = sent;
        if (finish() && upstream != null) {
            upstream.reset(CANCEL);
        }
    }

    /** The one end; false when it was over before. */
    private boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        peers.passed();
        return true;
    }

    /** The other has not begun with it: whoever sees to it now may have it. */
    private void again() {
        if (finish()) {
            peers.suspect(peer);
            forwarder.handle(request);
        }
    }

    private void send(HttpClientRequest upstream) {
        if (over) {
            upstream.reset(CANCEL);
            return;
        }
        sent = upstream;
        fill(upstream);
        if (HeaderRules.asksForUpgrade(request, RequestBody.isIn(request))) {
            upgrade(upstream);
            return;
        }
        upstream.response().onSuccess(this::respond).onFailure(this::broke);
        if (!RequestBody.isIn(request)) {
            request.resume();
            upstream.end();
            return;
        }
        if (request.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            upstream.setChunked(true);
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        bodyBegun = true;
        loop.runOnContext(
                read -> {
                    if (!over && request.bytesRead() == 0 && !request.isEnded()) {
                        upstream.sendHead();
                    }
                });
        request.pipe()
                .endOnComplete(false)
                .to(upstream)
                .onSuccess(
                        read -> {
                            if (!over) {
                                upstream.end();
                            }
                        });
    }

    private void fill(HttpClientRequest upstream) {
        Set<String> named = HeaderRules.namedByConnection(request.headers());
        for (Map.Entry<String, String> header : request.headers()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HeaderRules.HOP_BY_HOP.contains(name)
                    && !name.equals(PassedOn.HEADER)
                    && !name.equals("host")
                    && !name.equals("expect")
                    && !named.contains(name)) {
                upstream.headers().add(header.getKey(), header.getValue());
            }
        }
        Optional<PassedOn> before = peers.passedOn(request);
        upstream.putHeader(
                PassedOn.HEADER,
                peers.header(
                        hops,
                        before.map(PassedOn::address)
                                .orElseGet(() -> request.remoteAddress().hostAddress()),
                        before.map(PassedOn::scheme).orElse(request.isSSL() ? "https" : "http")));
        if (request.version() == HttpVersion.HTTP_2) {
            HeaderRules.toHttp2(request, upstream, host);
        } else {
            upstream.putHeader(HttpHeaders.HOST, host);
        }
    }

    /** The connection ended before an answer; see Exchange.brokeOff for what may be repeated. */
    private void broke(Throwable cause) {
        if (over) {
            return;
        }
        if (HeaderRules.isSafe(request.method()) && !bodyBegun && hops < PassedOn.MOST_HOPS) {
            again();
            return;
        }
        if (finish()) {
            request.resume(); // what is left of its body is passed over
            if (request.response().headWritten()) {
                request.response().reset(INTERNAL_ERROR);
                return;
            }
            PlatformAnswer.of(
                            request.getHeader(HttpHeaders.ACCEPT),
                            502,
                            new HearthException(
                                    ErrorKind.UNAVAILABLE,
                                    "gateway-lost",
                                    "the gateway that had the request ended before it answered"),
                            "platform")
                    .to(request);
        }
    }

    private void respond(HttpClientResponse from) {
        HttpServerResponse to = request.response();
        if (over) {
            return;
        }
        head(from, to);
        int status = from.statusCode();
        if (request.method() == HttpMethod.HEAD || status == 204 || status == 304) {
            finish();
            to.end();
            from.resume();
            return;
        }
        if (request.version() == HttpVersion.HTTP_2
                || !to.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            to.setChunked(true); // which in HTTP/2 only means that trailers may follow
        }
        boolean closing =
                request.version() == HttpVersion.HTTP_1_0
                        && !to.headers().contains(HttpHeaders.CONTENT_LENGTH);
        if (closing) {
            to.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        from.pipe()
                .endOnComplete(false)
                .to(to)
                .onComplete(
                        piped -> {
                            if (!finish()) {
                                return;
                            }
                            if (piped.failed()) {
                                to.reset(INTERNAL_ERROR);
                                return;
                            }
                            if (to.isChunked()) {
                                HeaderRules.trailers(from.trailers(), to);
                            }
                            to.end().onComplete(done -> closeAfter(closing));
                        });
        loop.runOnContext(
                read -> {
                    if (!over && !closing && !to.headWritten()) {
                        to.writeHead();
                    }
                });
    }

    private void closeAfter(boolean closing) {
        if (closing) {
            request.connection().close();
        }
    }

    private static void head(HttpClientResponse from, HttpServerResponse to) {
        to.setStatusCode(from.statusCode());
        if (!from.statusMessage().isEmpty()) {
            to.setStatusMessage(from.statusMessage());
        }
        MultiMap headers = from.headers();
        Set<String> named = HeaderRules.namedByConnection(headers);
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HeaderRules.HOP_BY_HOP.contains(name) && !named.contains(name)) {
                to.headers().add(header.getKey(), header.getValue());
            }
        }
    }

    private void upgrade(HttpClientRequest upstream) {
        upstream.putHeader(HttpHeaders.CONNECTION, "upgrade");
        upstream.putHeader(HttpHeaders.UPGRADE, request.getHeader(HttpHeaders.UPGRADE));
        bodyBegun = true;
        upstream.connect()
                .onFailure(this::broke)
                .onSuccess(
                        answer -> {
                            if (answer.statusCode() != 101) {
                                respond(answer);
                                return;
                            }
                            HttpServerResponse to = request.response();
                            head(answer, to);
                            to.putHeader(HttpHeaders.CONNECTION, "upgrade")
                                    .putHeader(
                                            HttpHeaders.UPGRADE,
                                            answer.getHeader(HttpHeaders.UPGRADE));
                            request.toNetSocket()
                                    .onSuccess(client -> join(client, answer.netSocket()))
                                    .onFailure(this::broke);
                        });
    }

    private void join(NetSocket client, NetSocket other) {
        client.closeHandler(
                closed -> {
                    other.close();
                    finish();
                });
        other.closeHandler(closed -> client.close());
        client.pipeTo(other);
        other.pipeTo(client);
    }
}
