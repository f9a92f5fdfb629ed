package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.trace.RequestTrace;
import dev.hearth.gateway.wait.Waiter;
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
import io.vertx.core.net.SocketAddress;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: reserve, wait if need be, send, answer, release. Everything happens on
 * the request's own event loop; only a {@link Waiter}'s end may come from elsewhere and hops back.
 */
final class Exchange implements Waiter.Ending {
    private static final int MOST_TRIES = 3;
    private static final int LINGER_MILLIS = 2_000;

    // RFC 9113 section 7; in HTTP/1.1 a reset closes the connection
    private static final long NO_ERROR = 0;
    private static final long INTERNAL_ERROR = 2;
    private static final long CANCEL = 8;

    /**
     * Of an answer that the client is slower to take than the container to give; 64 KiB are one
     * read.
     */
    private static final int QUEUE_BYTES = 512 * 1024;

    private final Forwarder forwarder;
    private final Context loop;
    private final HttpServerRequest request;
    private final RevisionPool pool;
    private final RequestTrace trace;
    private final String host;
    private final String requestId;
    private final long arrivedNanos;
    private final boolean hasBody;
    private final boolean http2;
    private final String affinity;
    private @Nullable Waiter waiter;
    private @Nullable Reservation reservation;
    private @Nullable HttpClientRequest sent;
    private @Nullable NetSocket joined;
    private long waitedNanos;
    private long handedNanos;
    private Optional<StartTimings> coldStart = Optional.empty();
    private long timer = -1;
    private int tries;
    private boolean reused;
    private boolean bodyBegun;
    private boolean upgrading;

    /** Whether the container's connection has nothing left of this request. */
    private boolean whole;

    private boolean over;

    Exchange(
            Forwarder forwarder,
            Context loop,
            HttpServerRequest request,
            RevisionPool pool,
            RequestTrace trace,
            String host) {
        this.forwarder = forwarder;
        this.loop = loop;
        this.request = request;
        this.pool = pool;
        this.trace = trace;
        this.host = host;
        this.requestId = trace.context().traceId();
        this.arrivedNanos = forwarder.clock().nanos();
        this.hasBody = RequestBody.isIn(request);
        this.http2 = pool.revision().container().http2();
        this.affinity =
                pool.revision().requests().sessionAffinity()
                        ? AffinityCookie.in(request.headers().getAll(HttpHeaders.COOKIE))
                        : "";
    }

    /** The whole way of a request. */
    void begin() {
        request.pause();
        pool.demand().begin();
        request.response().closeHandler(gone -> clientGone());
        request.response().exceptionHandler(gone -> clientGone());
        Reservation free = pool.tryReserve(affinity);
        if (free != null) {
            send(free);
        } else {
            await();
        }
    }

    // ---- waiting

    private void await() {
        waiter = new Waiter(pool.waitDeadlineNanos(arrivedNanos), this);
        pool.await(waiter);
    }

    @Override
    public void admitted(Reservation free) {
        loop.runOnContext(
                now -> {
                    waitedNanos = forwarder.clock().nanos() - arrivedNanos;
                    StartTimings start = free.instance().timings();
                    boolean whileWaiting =
                            start.begunAt()
                                    .plusNanos(start.totalNanos())
                                    .isAfter(forwarder.clock().now().minusNanos(waitedNanos));
                    coldStart = whileWaiting ? Optional.of(start) : Optional.empty();
                    trace.waited(waitedNanos, coldStart);
                    send(free);
                });
    }

    @Override
    public void refused(HearthException why) {
        loop.runOnContext(now -> answer(why.kind().httpStatus(), why, "platform"));
    }

    // ---- sending

    private void send(Reservation free) {
        if (over) {
            free.release();
            return;
        }
        reservation = free;
        tries++;
        StartedInstance instance = free.instance();
        trace.upstreamBegan(instance.id().value());
        startTimer();
        RequestOptions options =
                new RequestOptions()
                        .setServer(
                                SocketAddress.inetSocketAddress(instance.port(), instance.host()))
                        .setHost(instance.host())
                        .setPort(instance.port())
                        .setMethod(request.method())
                        .setURI(request.uri());
        forwarder
                .clients()
                .of(pool.revision().container())
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

    private void startTimer() {
        if (timer < 0) {
            long left =
                    pool.revision().timeout().toMillis()
                            - (forwarder.clock().nanos() - arrivedNanos) / 1_000_000;
            timer = forwarder.vertx().setTimer(Math.max(1, left), fired -> timedOut());
        }
    }

    private void write(HttpClientRequest upstream) {
        if (over) {
            upstream.reset(CANCEL);
            return;
        }
        sent = upstream;
        handedNanos = forwarder.clock().nanos();
        reused = forwarder.isReused(upstream.connection());
        HeaderRules.toContainer(request, upstream.headers(), host, requestId);
        if (http2) {
            HeaderRules.toHttp2(request, upstream, host);
        }
        upstream.putHeader("traceparent", trace.context().traceparent());
        String state = trace.context().tracestate();
        if (state != null) {
            upstream.putHeader("tracestate", state);
        }
        if (isUpgrade()) {
            upgrade(upstream);
            return;
        }
        upstream.response().onSuccess(this::respond).onFailure(this::brokeOff);
        if (!hasBody) {
            request.resume();
            upstream.end();
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        if (!request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            upstream.setChunked(true);
        }
        bodyBegun = true;
        // Both ends of a stream may wait for the other's first word. What came with the head goes,
        // or is found to be malformed, before that.
        loop.runOnContext(
                read -> {
                    if (!over && request.bytesRead() == 0 && !request.isEnded()) {
                        upstream.sendHead();
                    }
                });
        // a failure of either end is told by the response's future or the close handler
        request.pipe().endOnFailure(false).to(upstream); // what broke off is not whole
    }

    /** The connection never carried the request: another instance may have it. */
    private void notConnected() {
        Reservation failed = reservation;
        reservation = null;
        if (failed != null) {
            failed.reportDead();
        }
        tryAgain(
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "instance-unreachable",
                        "no instance of "
                                + pool.revision().service()
                                + " took the connection; try again"),
                503);
    }

    /**
     * The connection ended before an answer. A kept-alive one may have been closed as idle while
     * the request was on its way: that is tried again where it is safe. A new one carried the
     * request to a container that then broke off, and would be broken again.
     */
    private void brokeOff(Throwable cause) {
        if (over) {
            return;
        }
        HearthException why =
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        isProtocolError(cause) ? "container-protocol" : "container-closed",
                        isProtocolError(cause)
                                ? "the container did not answer in valid HTTP"
                                : "the container closed the connection before it answered");
        HttpMethod method = request.method();
        boolean safe =
                method == HttpMethod.GET
                        || method == HttpMethod.HEAD
                        || method == HttpMethod.OPTIONS;
        if (reused && safe && !hasBody && !isProtocolError(cause)) {
            Reservation failed = reservation;
            reservation = null;
            if (failed != null) {
                failed.release();
            }
            tryAgain(why, 502);
        } else {
            answer(502, why, "container");
        }
    }

    private static boolean isProtocolError(Throwable cause) {
        return cause instanceof DecoderException || cause instanceof IllegalArgumentException;
    }

    private void tryAgain(HearthException why, int status) {
        if (over) {
            return;
        }
        if (tries >= MOST_TRIES || bodyBegun) {
            answer(status, why, status == 502 ? "container" : "platform");
            return;
        }
        sent = null;
        Reservation free = pool.tryReserve();
        if (free != null) {
            send(free);
        } else {
            await();
        }
    }

    // ---- answering

    private void respond(HttpClientResponse from) {
        HttpServerResponse to = request.response();
        if (over || to.closed()) {
            clientGone();
            return;
        }
        trace.upstreamAnswered(from.statusCode());
        to.setStatusCode(from.statusCode());
        if (!from.statusMessage().isEmpty()) {
            to.setStatusMessage(from.statusMessage());
        }
        HeaderRules.toClient(from.headers(), to.headers());
        mark(to.headers());
        if (hasNoBody(from)) {
            to.end();
            from.resume();
            answered(from.statusCode());
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
        from.pipe()
                .endOnComplete(false)
                .to(to)
                .onComplete(
                        piped -> {
                            if (piped.failed()) {
                                cutOff();
                                return;
                            }
                            if (to.isChunked()) {
                                HeaderRules.trailers(from.trailers(), to);
                            }
                            Future<Void> ended = to.end();
                            answered(from.statusCode());
                            if (closing) {
                                ended.onComplete(done -> request.connection().close());
                            }
                        });
        // What came with the head goes with it; a head alone is not kept until something follows.
        loop.runOnContext(
                read -> {
                    if (!over && !closing && !to.headWritten()) {
                        to.writeHead();
                    }
                });
    }

    /** Adds what the platform has to say: where the time went, and which instance it was. */
    private void mark(MultiMap to) {
        if (waitedNanos > 0) {
            to.add("Server-Timing", Receipt.of(waitedNanos, coldStart, sinceSent()));
        } else if (request.headers().contains(HeaderRules.X_HEARTH_RECEIPT)) {
            long app = forwarder.clock().nanos() - handedNanos;
            to.add("Server-Timing", Receipt.warm(handedNanos - arrivedNanos, app));
        }
        Reservation held = reservation;
        if (held != null && !held.affinity().equals(affinity)) {
            to.add(HttpHeaders.SET_COOKIE, AffinityCookie.set(held.affinity(), request.isSSL()));
        }
    }

    /** Longer than what a connection takes at once anyhow, or of a length that nobody has told. */
    private static boolean isLong(HttpServerResponse to) {
        String length = to.headers().get(HttpHeaders.CONTENT_LENGTH);
        return length == null || length.length() > 4; // 10 000 bytes and more
    }

    private long sinceSent() {
        return forwarder.clock().nanos() - arrivedNanos - waitedNanos;
    }

    private boolean hasNoBody(HttpClientResponse from) {
        int status = from.statusCode();
        return request.method() == HttpMethod.HEAD || status == 204 || status == 304;
    }

    /**
     * All of the answer is sent. A request that is still under way then has nobody who reads it:
     * the container's end is closed, and the client has a moment to read the answer before its own
     * is.
     */
    private void answered(int status) {
        whole = !upgrading && (!bodyBegun || request.isEnded());
        finish(status);
        if (!hasBody || request.isEnded()) {
            return;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(NO_ERROR); // RFC 9113 section 8.1
            return;
        }
        request.resume();
        forwarder
                .vertx()
                .setTimer(
                        LINGER_MILLIS,
                        waited -> {
                            if (!request.isEnded()) {
                                request.connection().close();
                            }
                        });
    }

    /** One end broke off in the middle of the answer: neither may take what it has for whole. */
    private void cutOff() {
        if (!over) {
            boolean gone = request.response().closed();
            request.response().reset(INTERNAL_ERROR);
            finish(gone ? 499 : 502);
        }
    }

    /** Before the answer began the client is told; after that it can only be cut off. */
    private void timedOut() {
        timer = -1;
        NetSocket both = joined;
        if (both != null) {
            both.close(); // which closes the other end and finishes
            return;
        }
        answer(
                504,
                new HearthException(
                        ErrorKind.DEADLINE,
                        "timeout",
                        "the container did not begin to answer within the request's timeout"),
                "container");
    }

    private void clientGone() {
        if (!over) {
            Waiter w = waiter;
            if (w != null) {
                w.leave();
            }
            finish(499); // nginx's number for a client that closed its request
        }
    }

    private void answer(int status, HearthException why, String source) {
        if (over) {
            return;
        }
        if (request.response().headWritten()) {
            cutOff();
            return;
        }
        PlatformAnswer.send(request, status, why, source);
        request.resume(); // what is left of the body has no reader; let it pass
        finish(status);
    }

    /** The one end of each request, however it comes about. */
    private void finish(int status) {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        Reservation held = reservation;
        reservation = null;
        if (held != null) {
            held.release();
        }
        pool.demand().end();
        trace.ended(status);
        HttpClientRequest upstream = sent;
        if (upstream != null && !whole) {
            upstream.reset(CANCEL); // else its connection would be nobody's, and be kept for ever
        }
    }

    private void stopTimer() {
        if (timer >= 0) {
            forwarder.vertx().cancelTimer(timer);
            timer = -1;
        }
    }

    // ---- upgrades (WebSocket and others): after 101 both ends are byte streams

    private boolean isUpgrade() {
        String connection = request.getHeader(HttpHeaders.CONNECTION);
        return connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade")
                && request.headers().contains(HttpHeaders.UPGRADE)
                && request.method() == HttpMethod.GET
                && !hasBody // it would come between the head and the other protocol
                && !request.headers().contains(HttpHeaders.UPGRADE, "h2c", true) // ours to speak
                && request.version() == HttpVersion.HTTP_1_1
                && !http2; // RFC 9110 section 7.8: whoever cannot switch just answers
    }

    private void upgrade(HttpClientRequest upstream) {
        upstream.putHeader(HttpHeaders.CONNECTION, "upgrade");
        upstream.putHeader(HttpHeaders.UPGRADE, request.getHeader(HttpHeaders.UPGRADE));
        bodyBegun = true;
        upgrading = true;
        upstream.connect()
                .onFailure(this::brokeOff)
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
        container.pipeTo(client);
    }
}
