package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.framing.FramingHandler;
import dev.hearth.gateway.framing.Http2Rules;
import dev.hearth.gateway.framing.MalformedMessage;
import dev.hearth.gateway.framing.Refusal;
import io.netty.channel.Channel;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.SslChannelProvider;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A server that gives its {@link Forwarder} only requests that every HTTP reader takes for the
 * same; the others are refused here. Without TLS a connection is a {@link PlainConnection} at
 * first. Vert.x 4.5 has no hook before its decoder, but for the method overridden here, which it
 * calls for each connection.
 */
public final class FrontDoor extends HttpServerImpl {
    private static final String FRAMING = "framing";
    private static final String TLS_HANDSHAKE = "handshaker"; // Vert.x' name of its handler

    private final int requestLineBytes;
    private final int headerBytes;
    private final long idleNanos;
    private final boolean secure;
    private final Deadlines deadlines;
    private final Forwarder forwarder;

    private FrontDoor(
            Forwarder forwarder,
            VertxInternal vertx,
            HttpServerOptions options,
            Deadlines deadlines) {
        super(vertx, options);
        this.forwarder = forwarder;
        this.secure = options.isSsl();
        this.idleNanos = options.getIdleTimeoutUnit().toNanos(options.getIdleTimeout());
        this.requestLineBytes = options.getMaxInitialLineLength();
        this.headerBytes = options.getMaxHeaderSize();
        this.deadlines = deadlines;
    }

    /** A server, not yet listening, that gives well-framed requests to a forwarder. */
    public static HttpServer before(
            Forwarder forwarder, Vertx vertx, HttpServerOptions options, Deadlines deadlines) {
        return new FrontDoor(forwarder, (VertxInternal) vertx, options, deadlines)
                .requestHandler(request -> enter(request, forwarder::handle))
                .invalidRequestHandler(FrontDoor::refuseUndecoded);
    }

    @Override
    protected BiConsumer<Channel, SslChannelProvider> childHandler(
            ContextInternal context,
            SocketAddress address,
            GlobalTrafficShapingHandler trafficShaping) {
        BiConsumer<Channel, SslChannelProvider> vertxHandlers =
                super.childHandler(context, address, trafficShaping);
        return (channel, tls) -> {
            if (secure) {
                vertxHandlers.accept(channel, tls);
                channel.pipeline().addAfter(TLS_HANDSHAKE, FRAMING, framing());
                return;
            }
            channel.pipeline()
                    .addLast(
                            new PlainConnection(
                                    forwarder,
                                    requestLineBytes,
                                    headerBytes,
                                    deadlines,
                                    idleNanos,
                                    unusual -> {
                                        vertxHandlers.accept(unusual, tls);
                                        unusual.pipeline().addFirst(FRAMING, framing());
                                    }));
        };
    }

    private FramingHandler framing() {
        return new FramingHandler(requestLineBytes, headerBytes, deadlines, FrontDoor::breakOff);
    }

    private static void enter(HttpServerRequest request, Handler<HttpServerRequest> handler) {
        if (request.version() == HttpVersion.HTTP_2) {
            Optional<Refusal> why = Http2Rules.refusal(request);
            if (why.isPresent()) {
                refuse(request, why.get());
                return;
            }
            handler.handle(request);
            return;
        }
        handler.handle(request);
        FramingHandler.of(request).ifPresent(framing -> framing.begun(request));
    }

    /** What the framing, or Netty's decoder itself, refused. */
    private static void refuseUndecoded(HttpServerRequest request) {
        refuse(
                request,
                request.decoderResult().cause() instanceof MalformedMessage malformed
                        ? malformed.refusal()
                        : Refusal.INVALID_REQUEST_LINE);
    }

    private static void refuse(HttpServerRequest request, Refusal why) {
        PlatformAnswer.send(
                request,
                why.status(),
                new HearthException(ErrorKind.INVALID, why.reason(), why.sentence()));
    }

    /** Whoever forwards the request is told first, and cuts off what is on its way. */
    private static void breakOff(HttpServerRequest request, Refusal why) {
        Http1xServerConnection connection = (Http1xServerConnection) request.connection();
        connection.handleException(new MalformedMessage(why));
        if (!request.response().headWritten()) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            refuse(request, why);
        }
        connection.close();
    }
}
