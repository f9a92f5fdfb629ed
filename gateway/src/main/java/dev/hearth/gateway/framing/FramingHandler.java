package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The first reader of a connection: keeps from Netty's decoder, which forgives much, what is not
 * well framed, and cuts off who sends too slowly. On the connection's event loop.
 *
 * <p>A refused head becomes a request that failed to be decoded, so that Vert.x answers it in its
 * turn by the server's invalid-request handler. A request whose body turns out to be bad was given
 * to the request handler already, or will be when those before it are answered: then {@code
 * onBadBody} is told.
 */
public final class FramingHandler extends ChannelDuplexHandler {
    /** The name that Vert.x 4.5 gives its decoder, and takes away after an upgrade. */
    private static final String DECODER = "httpDecoder";

    private static final int LINGER_MILLIS = 1_000;

    private static final AttributeKey<FramingHandler> KEY =
            AttributeKey.valueOf(FramingHandler.class, "connection");

    private final RequestFraming framing;
    private final Deadlines deadlines;
    private final BiConsumer<HttpServerRequest, Refusal> onBadBody;
    private @Nullable ByteBuf held;
    private @Nullable Refusal badBody;
    private @Nullable HttpServerRequest last;
    private long begun;
    private long activity;
    private boolean refused;
    private boolean wrote;
    private @Nullable ScheduledFuture<?> headWatch;
    private @Nullable ScheduledFuture<?> bodyWatch;
    private boolean lingering;

    /**
     * @param onBadBody told of a request that the handler has, and whose body never will be whole
     */
    public FramingHandler(
            int requestLineBytes,
            int headerBytes,
            Deadlines deadlines,
            BiConsumer<HttpServerRequest, Refusal> onBadBody) {
        this.framing = new RequestFraming(requestLineBytes, headerBytes);
        this.deadlines = deadlines;
        this.onBadBody = onBadBody;
    }

    /** The handler of a request's connection; empty for HTTP/2. */
    public static Optional<FramingHandler> of(HttpServerRequest request) {
        Channel channel = ((ConnectionBase) request.connection()).channel();
        return Optional.ofNullable(channel.attr(KEY).get());
    }

    /** Tells that the request handler has its next request now. */
    public void begun(HttpServerRequest request) {
        begun++;
        if (badBody != null && begun == framing.heads()) {
            onBadBody.accept(request, badBody);
        }
        last = request;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().attr(KEY).set(this);
        watchHead(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf read = (ByteBuf) message;
        activity++;
        if (refused) {
            read.release();
            return;
        }
        ByteBuf before = held;
        held = null;
        ByteBuf all =
                before == null
                        ? read
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, read);
        if (framing.mayBeUpgraded() && ctx.pipeline().get(DECODER) == null) {
            held = all;
            leave(ctx);
            return;
        }
        long headsBefore = framing.heads();
        int safe = framing.examine(all);
        wrote &= framing.heads() == headsBefore;
        if (framing.isHttp2()) {
            held = all;
            leave(ctx);
            return;
        }
        if (safe == all.readableBytes()) {
            ctx.fireChannelRead(all);
        } else {
            held = all;
            if (safe > 0) {
                ctx.fireChannelRead(all.readRetainedSlice(safe));
            }
        }
        if (!ctx.isRemoved()) {
            framing.refusal().ifPresent(why -> refuse(ctx, why));
            watch(ctx);
        }
    }

    /** The octets that are held, and those after them, are another protocol's. */
    private void leave(ChannelHandlerContext ctx) {
        if (framing.isHttp2() || ctx.pipeline().get(Http2ConnectionHandler.class) != null) {
            ctx.pipeline().replace(this, "http2Deadlines", new Http2Deadlines(deadlines));
        } else {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ctx.channel().attr(KEY).set(null);
        cancel(headWatch);
        cancel(bodyWatch);
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            if (ctx.channel().isActive()) {
                ctx.fireChannelRead(rest);
            } else {
                rest.release();
            }
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        activity++; // so far the gateway may not have been ready to read
        ctx.read();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        wrote = true;
        activity++;
        ctx.write(message, promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancel(headWatch); // else many short connections would be remembered until then
        cancel(bodyWatch);
        ctx.fireChannelInactive();
    }

    private static void cancel(@Nullable ScheduledFuture<?> watch) {
        if (watch != null) {
            watch.cancel(false);
        }
    }

    private void refuse(ChannelHandlerContext ctx, Refusal why) {
        refused = true;
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            rest.release();
        }
        if (framing.isInBody()) {
            badBody = why;
            HttpServerRequest request = last;
            if (request != null && begun == framing.heads()) {
                onBadBody.accept(request, why);
            }
            return;
        }
        if (ctx.pipeline().get(DECODER) == null) {
            // Vert.x makes its HTTP/1.1 handlers at the first octets; these mean nothing to them
            ctx.fireChannelRead(Unpooled.copiedBuffer(new byte[] {Octets.CR, Octets.LF}));
        }
        ChannelHandlerContext decoder = ctx.pipeline().context(DECODER);
        if (decoder == null) {
            ctx.close();
            return;
        }
        DefaultHttpRequest failed =
                new DefaultHttpRequest(
                        HttpVersion.HTTP_1_1, HttpMethod.GET, "/", HeadersMultiMap.httpHeaders());
        failed.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        failed.setDecoderResult(DecoderResult.failure(new MalformedMessage(why)));
        decoder.fireChannelRead(failed);
        decoder.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        decoder.fireChannelReadComplete();
    }

    /**
     * Closes in two steps after a refusal: a socket closed with octets unread resets the
     * connection, and the client could lose the answer (RFC 9112, 9.6).
     */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!refused
                || lingering
                || !(ctx.channel() instanceof DuplexChannel channel)
                || ctx.pipeline().get(SslHandler.class) != null) {
            ctx.close(promise);
            return;
        }
        lingering = true;
        ctx.flush();
        channel.shutdownOutput();
        channel.config().setAutoRead(true); // what comes is passed over
        var unused =
                ctx.executor()
                        .schedule(() -> ctx.close(promise), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    // ---- deadlines

    private void watch(ChannelHandlerContext ctx) {
        if (held != null && !framing.isInBody() && headWatch == null) {
            watchHead(ctx);
        }
        if (framing.isInBody() && bodyWatch == null) {
            watchBody(ctx);
        }
    }

    /** The head that has begun, or the connection's first, has to be whole in time. */
    private void watchHead(ChannelHandlerContext ctx) {
        long heads = framing.heads();
        headWatch = after(ctx, deadlines.head().toMillis(), () -> headDue(ctx, heads));
    }

    private void headDue(ChannelHandlerContext ctx, long headsThen) {
        headWatch = null;
        if (framing.mayBeUpgraded() && ctx.pipeline().get(DECODER) == null) {
            leave(ctx);
        } else if (framing.heads() > headsThen) {
            watch(ctx); // that one came whole; another may have begun
        } else if (held != null) {
            refuse(ctx, Refusal.REQUEST_TIMEOUT);
        } else if (headsThen == 0) {
            ctx.close(); // there is nothing to answer
        }
    }

    /** Some octet of the body has to come, while they are waited for. */
    private void watchBody(ChannelHandlerContext ctx) {
        long activityThen = activity;
        bodyWatch =
                after(
                        ctx,
                        deadlines.bodySilence().toMillis(),
                        () -> {
                            bodyWatch = null;
                            boolean waiting =
                                    ctx.channel().config().isAutoRead()
                                            && (wrote || !framing.mayAwaitContinue());
                            if (framing.isInBody() && activity == activityThen && waiting) {
                                refuse(ctx, Refusal.REQUEST_TIMEOUT);
                            } else {
                                watch(ctx);
                            }
                        });
    }

    private ScheduledFuture<?> after(ChannelHandlerContext ctx, long millis, Runnable due) {
        Runnable unlessOver =
                () -> {
                    if (!ctx.isRemoved() && ctx.channel().isActive() && !refused) {
                        due.run();
                    }
                };
        return ctx.executor().schedule(unlessOver, millis, TimeUnit.MILLISECONDS);
    }
}
