package dev.hearth.gateway.forward;

import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.trace.RequestTrace;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A request that Vert.x has read, of any protocol, sent on by Vert.x' client. */
final class VertxExchange extends Exchange {
    private static final int LINGER_MILLIS = 2_000;
    private static final long UNKNOWN = -1;

    // RFC 9113 section 7; in HTTP/1.1 a reset closes the connection
    private static final long NO_ERROR = 0;
    private static final long INTERNAL_ERROR = 2;
    private static final long CANCEL = 8;

    /**
     * Of an answer that the client is slower to take than the container to give; 64 KiB are one
     * read.
     */
    private static final int QUEUE_BYTES = 512 * 1024;

    private final Context loop;
    private final HttpServerRequest request;
    private final String host;
    private final Origin origin;
    private final boolean http2;
    private @Nullable HttpClientRequest sent;
    private @Nullable NetSocket joined;

    /** Octets that the container has sent through the two joined sockets. */
    private long joinedBytes;

    /**
     * Octets that are still to come of a body whose length is known; less than 0 when it is not.
     */
    private long bodyLeft = UNKNOWN;

    private long timer = -1;
    private boolean upgrading;

    /** Whether the container has been sent the request's end. */
    private boolean requestSent;

    /**
     * Whether the container's connection has nothing left of this request; Vert.x may have given it
     * to another one then.
     */
    private boolean whole;

    VertxExchange(
            Forwarder forwarder,
            Context loop,
            HttpServerRequest request,
            RevisionPool pool,
            RequestTrace trace,
            String host,
            Origin origin) {
        super(
                forwarder,
                pool,
                trace,
                forwarder.clock().nanos(),
                RequestBody.isIn(request),
                pool.revision().requests().sessionAffinity()
                        ? AffinityCookie.in(request.headers().getAll(HttpHeaders.COOKIE))
                        : "");
        this.loop = loop;
        this.request = request;
        this.host = host;
        this.origin = origin;
        this.http2 = pool.revision().container().http2();
        request.pause();
        request.response().closeHandler(gone -> clientGone());
        request.response().exceptionHandler(gone -> clientGone());
    }

    @Override
    void onLoop(Runnable then) {
        loop.runOnContext(now -> then.run());
    }

    @Override
    boolean isSafe() {
        return HeaderRules.isSafe(request.method());
    }

    @Override
    @Nullable String accept() {
        return request.getHeader(HttpHeaders.ACCEPT);
    }

    // ---- sending

    @Override
    void send(StartedInstance to) {
        sent = null;
        RequestOptions options =
                new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(to.port(), to.host()))
                        .setHost(to.host())
                        .setPort(to.port())
                        .setMethod(request.method())
                        .setURI(request.uri());
        to.relay().ifPresent(relay -> options.setProxyOptions(socks(relay)));
        forwarder()
                .clients()
                .of(pool().revision().container())
                .request(options)
                .onComplete(
                        connected -> {
                            if (connected.succeeded()) {
                                write(connected.result());
                            } else {
                                notConnected();
                            }
                        });
    }

    private static ProxyOptions socks(StartedInstance.Relay relay) {
        return new ProxyOptions()
                .setType(ProxyType.SOCKS5)
                .setHost(relay.host())
                .setPort(relay.port())
                .setUsername(InstanceConnections.RELAY_USER)
                .setPassword(relay.password());
    }

    @Override
    void setDeadline(long nanos) {
        long left = (nanos - forwarder().clock().nanos()) / 1_000_000;
        timer =
                forwarder()
                        .vertx()
                        .setTimer(
                                Math.max(1, left),
                                fired -> {
                                    timer = -1;
                                    timeIsUp();
                                });
    }

    private void timeIsUp() {
        NetSocket both = joined;
        if (both != null) {
            both.close(); // which closes the other end and finishes
        } else {
            timedOut();
        }
    }

    @Override
    void clearDeadline() {
        if (timer >= 0) {
            forwarder().vertx().cancelTimer(timer);
            timer = -1;
        }
    }

    private void write(HttpClientRequest upstream) {
        if (isOver()) {
            upstream.reset(CANCEL);
            return;
        }
        sent = upstream;
        handOver(forwarder().isReused(upstream.connection()));
        HeaderRules.toContainer(request, upstream.headers(), host, origin, trace().context());
        switch (pool().door().invokers()) {
            case Invokers.Jwt jwt -> JwtCallers.remove(upstream.headers());
            case Invokers.Plain plain when plain == Invokers.TOKEN ->
                    forwarder()
                            .invokers()
                            .remove(pool().revision().service().project(), upstream.headers());
            case Invokers.Plain anyone -> {}
        }
        if (http2) {
            HeaderRules.toHttp2(request, upstream, host);
        }
        if (isUpgrade()) {
            upgrade(upstream);
            return;
        }
        upstream.response().onSuccess(this::respond).onFailure(this::failed);
        if (!hasBody()) {
            request.resume();
            requestSent = true;
            upstream.end();
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        if (!request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            upstream.setChunked(true);
        }
        bodyBegins();
        // Both ends of a stream may wait for the other's first word. What came with the head goes,
        // or is found to be malformed, before that.
        loop.runOnContext(
                read -> {
                    if (!isOver() && request.bytesRead() == 0 && !request.isEnded()) {
                        upstream.sendHead();
                    }
                });
        // a failure of either end is told by the response's future or the close handler; what broke
        // off is not whole
        request.pipe()
                .endOnComplete(false)
                .to(upstream)
                .onSuccess(
                        read -> {
                            if (!isOver()) {
                                requestSent = true;
                                upstream.end();
                            }
                        });
    }

    private void failed(Throwable cause) {
        brokeOff(cause instanceof DecoderException || cause instanceof IllegalArgumentException);
    }

    // ---- answering

    private void respond(HttpClientResponse from) {
        HttpServerResponse to = request.response();
        if (isOver() || to.closed()) {
            clientGone();
            return;
        }
        answerBegins(from.statusCode());
        to.setStatusCode(from.statusCode());
        if (!from.statusMessage().isEmpty()) {
            to.setStatusMessage(from.statusMessage());
        }
        HeaderRules.toClient(from.headers(), to.headers());
        mark(to.headers());
        if (hasNoBody(from)) {
            answered(from.statusCode());
            to.end();
            from.resume();
            endRequest();
            return;
        }
        if (request.version() == HttpVersion.HTTP_2
                || !to.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            to.setChunked(true); // which in HTTP/2 only means that trailers may follow
        }
        // HTTP/1.0 knows no other end of a body without a length
        boolean closing =
                request.version() == HttpVersion.HTTP_1_0
                        && !to.headers().contains(HttpHeaders.CONTENT_LENGTH);
        if (closing) {
            to.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (isLong(to)) {
            to.setWriteQueueMaxSize(QUEUE_BYTES);
        }
        bodyLeft = bodyLength(to);
        from.pipe()
                .endOnComplete(false)
                .to(new CountedStream(to, bytes -> bodyWrite(from.statusCode(), bytes)))
                .onComplete(
                        piped -> {
                            if (piped.failed()) {
                                cutOff();
                                return;
                            }
                            if (to.isChunked()) {
                                HeaderRules.trailers(from.trailers(), to);
                            }
                            answered(from.statusCode());
                            Future<Void> ended = to.end();
                            endRequest();
                            if (closing) {
                                ended.onComplete(done -> request.connection().close());
                            }
                        });
        // What came with the head goes with it; a head alone is not kept until something follows.
        loop.runOnContext(
                read -> {
                    if (!isOver() && !closing && !to.headWritten()) {
                        if (bodyLeft == 0) {
                            count(from.statusCode()); // the head is all of the answer
                        }
                        to.writeHead();
                    }
                });
    }

    /** Adds what the platform has to say: where the time went, and which instance it was. */
    private void mark(MultiMap to) {
        String receipt = receipt(request.headers().contains(HeaderRules.X_HEARTH_RECEIPT));
        if (receipt != null) {
            to.add("Server-Timing", receipt);
        }
        String instance = newAffinity();
        if (instance != null) {
            to.add(
                    HttpHeaders.SET_COOKIE,
                    AffinityCookie.set(instance, origin.scheme().equals("https")));
        }
    }

    @Override
    long egressBytes() {
        return request.response().bytesWritten() + joinedBytes;
    }

    /** The container may leave the end of its answer open when the client has all of it. */
    private void bodyWrite(int status, int bytes) {
        countSoFar();
        if (bodyLeft >= 0) {
            bodyLeft -= bytes;
            if (bodyLeft <= 0) {
                count(status, bytes);
            }
        }
    }

    private static long bodyLength(HttpServerResponse to) {
        String length = to.headers().get(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : UNKNOWN;
    }

    private void joinedWrite(int bytes) {
        joinedBytes += bytes;
        countSoFar();
    }

    /** Longer than what a connection takes at once anyhow, or of a length that nobody has told. */
    private static boolean isLong(HttpServerResponse to) {
        String length = to.headers().get(HttpHeaders.CONTENT_LENGTH);
        return length == null || length.length() > 4; // 10 000 bytes and more
    }

    private boolean hasNoBody(HttpClientResponse from) {
        int status = from.statusCode();
        return request.method() == HttpMethod.HEAD || status == 204 || status == 304;
    }

    /**
     * All of the answer has come. It is over before its end is written: that closes an HTTP/2
     * stream at once, which would be taken for the client's going, and the container's connection
     * may be another request's already.
     */
    private void answered(int status) {
        whole = requestSent;
        finish(status);
    }

    /**
     * A request that is still under way has nobody who reads it: the container's end is closed, and
     * the client has a moment to read the answer before its own is.
     */
    private void endRequest() {
        if (requestSent || !hasBody() || request.isEnded()) {
            return;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(NO_ERROR); // RFC 9113 section 8.1
            return;
        }
        request.resume();
        forwarder()
                .vertx()
                .setTimer(
                        LINGER_MILLIS,
                        waited -> {
                            if (!request.isEnded()) {
                                request.connection().close();
                            }
                        });
    }

    @Override
    boolean hasAnswerBegun() {
        return request.response().headWritten();
    }

    @Override
    boolean isClientClosed() {
        return request.response().closed();
    }

    @Override
    void write(PlatformAnswer answer) {
        answer.to(request);
        request.resume(); // what is left of the body has no reader; let it pass
    }

    @Override
    void cutClientOff() {
        request.response().reset(INTERNAL_ERROR);
    }

    @Override
    void ended() {
        HttpClientRequest upstream = sent;
        if (upstream != null && !whole) {
            upstream.reset(CANCEL); // else its connection would be nobody's, and be kept for ever
        }
    }

    // ---- upgrades (WebSocket and others): after 101 both ends are byte streams

    private boolean isUpgrade() {
        // RFC 9110 section 7.8: whoever cannot switch just answers
        return !http2 && HeaderRules.asksForUpgrade(request, hasBody());
    }

    private void upgrade(HttpClientRequest upstream) {
        upstream.putHeader(HttpHeaders.CONNECTION, "upgrade");
        upstream.putHeader(HttpHeaders.UPGRADE, request.getHeader(HttpHeaders.UPGRADE));
        bodyBegins();
        upgrading = true;
        upstream.connect()
                .onFailure(this::failed)
                .onSuccess(
                        response -> {
                            if (response.statusCode() != 101) {
                                respond(response);
                                return;
                            }
                            HttpServerResponse to = request.response();
                            HeaderRules.toClient(response.headers(), to.headers());
                            mark(to.headers());
                            to.setStatusCode(101)
                                    .putHeader(HttpHeaders.CONNECTION, "upgrade")
                                    .putHeader(
                                            HttpHeaders.UPGRADE,
                                            response.getHeader(HttpHeaders.UPGRADE));
                            request.toNetSocket()
                                    .onSuccess(client -> join(client, response.netSocket()))
                                    .onFailure(cause -> cutOff());
                        });
    }

    private void join(NetSocket client, NetSocket container) {
        joined = client;
        whole = true; // from here on the sockets are closed, each by the other
        client.closeHandler(
                closed -> {
                    container.close();
                    finish(101);
                });
        container.closeHandler(closed -> client.close());
        client.pipeTo(container);
        container.pipeTo(new CountedStream(client, this::joinedWrite));
    }
}
