package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.framing.Head;
import dev.hearth.gateway.framing.Refusal;
import dev.hearth.gateway.framing.RequestFraming;
import dev.hearth.gateway.limit.RateExceeded;
import dev.hearth.gateway.pool.RevisionPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection as long as its requests are usual ones, which are most: HTTP/1.1 without
 * upgrade, expectation or chunks, to a service whose containers speak HTTP/1.1. They are read and
 * sent on here, one after the other, at about half of what they would cost as objects of Vert.x. At
 * the first other request, or the first malformed one, Vert.x gets the connection, for good.
 *
 * <p>On the connection's event loop. Octets that cannot be used yet are held, and no more are read
 * while there are many.
 */
final class PlainConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = Logger.getLogger(PlainConnection.class);

    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int MOST_HELD = 64 * 1024;
    private static final long LINGER_NANOS = 2_000_000_000L;

    private final Forwarder forwarder;
    private final int requestLineBytes;
    private final int headerBytes;
    private final Deadlines deadlines;
    private final long idleNanos;
    private final Consumer<Channel> vertx;
    private final RequestFraming framing;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable RequestHead request;
    private @Nullable PlainExchange exchange;
    private @Nullable ByteBuf held;
    private boolean proceeding;
    private boolean closes;
    private boolean gone;

    // deadlines, on the forwarder's clock
    private long exchangeDue = NEVER;
    private long lastOctets;
    private long headSince = NEVER;
    private long lingersUntil = NEVER;
    private long watchedUntil = NEVER;
    private @Nullable ScheduledFuture<?> watch;

    /**
     * @param idleNanos how long a connection without a request is kept; 0 for ever
     * @param vertx makes Vert.x the reader of a connection, before the octets held are fired again
     */
    PlainConnection(
            Forwarder forwarder,
            int requestLineBytes,
            int headerBytes,
            Deadlines deadlines,
            long idleNanos,
            Consumer<Channel> vertx) {
        this.forwarder = forwarder;
        this.requestLineBytes = requestLineBytes;
        this.headerBytes = headerBytes;
        this.deadlines = deadlines;
        this.idleNanos = idleNanos;
        this.vertx = vertx;
        this.framing = new RequestFraming(requestLineBytes, headerBytes);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        added.channel().config().setWriteBufferWaterMark(InstanceConnections.QUEUE);
        lastOctets = now();
        headSince = lastOctets;
        watchUntilDue();
    }

    private ChannelHandlerContext ctx() {
        ChannelHandlerContext known = ctx;
        if (known == null) {
            throw new IllegalStateException("a handler works once it is added");
        }
        return known;
    }

    private long now() {
        return forwarder.clock().nanos();
    }

    // ---- requests

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf read = (ByteBuf) message;
        ByteBuf before = held;
        held =
                before == null
                        ? read
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                                context.alloc(), before, read);
        lastOctets = now();
        proceed();
    }

    /** Does all that can be done with the octets held. */
    void proceed() {
        if (proceeding || gone) {
            return; // whoever is at it goes on
        }
        proceeding = true;
        boolean going = true;
        while (going) {
            going = framing.isInBody() ? body() : head();
        }
        proceeding = false;
        if (gone) {
            return;
        }
        ByteBuf rest = held;
        if (rest != null && !rest.isReadable()) {
            rest.release();
            held = null;
        }
        if (held != null && headSince == NEVER && exchange == null && !framing.isInBody()) {
            headSince = lastOctets;
        }
        ctx().channel().config().setAutoRead(held == null || held.readableBytes() < MOST_HELD);
        watchUntilDue();
    }

    private boolean head() {
        ByteBuf octets = held;
        if (exchange != null || octets == null || gone || !octets.isReadable()) {
            return false;
        }
        long heads = framing.heads();
        int length = framing.next(octets);
        if (framing.refusal().isPresent() || framing.isHttp2()) {
            handOver();
            return false;
        }
        if (framing.heads() == heads) {
            octets.skipBytes(length); // an empty line
            return false;
        }
        octets.skipBytes(length - framing.headLength());
        headSince = NEVER;
        begin(octets);
        return !gone;
    }

    /** The head that begins the octets held is whole. */
    private void begin(ByteBuf octets) {
        if (!framing.head().isUsual() || forwarder.isStopping()) {
            handOver();
            return;
        }
        RequestHead read = request();
        read.read(octets, framing);
        RevisionPool pool =
                read.namesInstance() || read.isPassedOn() ? null : forwarder.plainPool(read.host());
        if (pool == null || forwarder.isChallenge(read, octets)) {
            handOver();
            return;
        }
        int length = framing.headLength();
        closes = framing.head().connection() == Head.Connection.CLOSE;
        Optional<RateExceeded> excess = forwarder.excess(pool, read.origin().client());
        if (excess.isPresent()) {
            octets.skipBytes(length);
            answer(PlatformAnswer.of(read.accept(), excess.get()), read.method().equals("HEAD"));
            over();
            return;
        }
        PlainExchange begun =
                new PlainExchange(
                        this,
                        forwarder,
                        pool,
                        forwarder.trace(read, octets),
                        read,
                        take(octets, length),
                        framing.isInBody());
        exchange = begun;
        begun.begin();
    }

    /** Made once the address of the other end is needed. */
    private RequestHead request() {
        RequestHead known = request;
        if (known == null) {
            InetSocketAddress client = (InetSocketAddress) ctx().channel().remoteAddress();
            known = new RequestHead(client.getAddress(), "http", forwarder.proxies());
            request = known;
        }
        return known;
    }

    private ByteBuf take(ByteBuf octets, int length) {
        if (octets.readableBytes() == length) {
            held = null;
            return octets;
        }
        return octets.readRetainedSlice(length);
    }

    private boolean body() {
        ByteBuf octets = held;
        PlainExchange to = exchange;
        if (octets == null || gone || !octets.isReadable() || to != null && !to.takesBody()) {
            return false;
        }
        int length = framing.next(octets);
        if (to == null) {
            octets.skipBytes(length); // nobody reads what is left of it
        } else {
            to.body(take(octets, length));
        }
        if (!framing.isInBody()) {
            lingersUntil = NEVER;
            if (to == null && closes) {
                closeAfterAnswer();
            }
        }
        return true;
    }

    /** Puts what has come of the body behind the head, if it fits there. */
    void copyBody(ByteBuf out) {
        ByteBuf octets = held;
        if (octets != null && octets.readableBytes() <= out.writableBytes()) {
            out.writeBytes(octets, framing.next(octets));
        }
    }

    /** Whether more of the request's body has to come. */
    boolean isInBody() {
        return framing.isInBody();
    }

    /** Everything from the octets held on is for Vert.x. */
    private void handOver() {
        gone = true;
        cancelWatch();
        ByteBuf rest = held;
        held = null;
        Channel channel = ctx().channel();
        channel.config().setWriteBufferWaterMark(WriteBufferWaterMark.DEFAULT);
        channel.config().setAutoRead(true);
        vertx.accept(channel);
        channel.pipeline().remove(this);
        if (rest != null) {
            channel.pipeline().fireChannelRead(rest);
        }
    }

    // ---- answers

    /** Whether the client has asked for the connection to end with this response. */
    boolean closes() {
        return closes;
    }

    ByteBuf buffer(int octets) {
        return ctx().alloc().directBuffer(octets);
    }

    void write(ByteBuf octets) {
        ctx().write(octets, ctx().voidPromise());
    }

    /** Sends what was written, when everything that is there has been read. */
    void flush() {
        forwarder.flushes().add(loop(), ctx());
    }

    /** Sends what was written now, to see whether the client takes it. */
    void flushNow() {
        ctx().flush();
    }

    boolean isWritable() {
        return ctx().channel().isWritable();
    }

    boolean isClosed() {
        return !ctx().channel().isActive();
    }

    void close() {
        ctx().close();
    }

    EventLoop loop() {
        return ctx().channel().eventLoop();
    }

    void onLoop(Runnable then) {
        loop().execute(then);
    }

    /** Sends an answer of the platform's own. */
    void answer(PlatformAnswer answer, boolean toHead) {
        ByteBuf out = buffer(512 + answer.body().length());
        ResponseHead.write(answer, toHead, closes, out);
        write(out);
        flush();
    }

    /** The exchange is over; the connection goes on, unless nobody wants it to. */
    void over() {
        exchange = null;
        if (isClosed()) {
            return;
        }
        if (framing.isInBody()) {
            lingersUntil = now() + LINGER_NANOS; // so that the client can read its answer
        } else if (closes) {
            closeAfterAnswer();
        }
        proceed();
    }

    private void closeAfterAnswer() {
        gone = true;
        cancelWatch();
        ctx().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (exchange != null && isWritable()) {
            exchange.clientWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone = true;
        cancelWatch();
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            rest.release();
        }
        if (exchange != null) {
            exchange.clientGone();
        }
        context.fireChannelInactive();
    }

    /** Whatever the socket says, the connection is of no more use. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) { // a socket's, which closing it answers
            LOG.error("a connection is closed after a failure of the gateway", cause);
        }
        context.close();
    }

    // ---- deadlines

    /** When the exchange is to be told that its time is up. */
    void watchUntil(long nanos) {
        exchangeDue = nanos;
        if (nanos < watchedUntil) {
            watchUntilDue();
        }
    }

    /** When something is overdue, as things are. */
    private long due() {
        if (framing.isInBody()) {
            boolean waiting = exchange == null || exchange.takesBody();
            long silence = waiting ? lastOctets + deadlines.bodySilence().toNanos() : NEVER;
            return Math.min(Math.min(exchangeDue, lingersUntil), silence);
        }
        if (exchange != null) {
            return exchangeDue;
        }
        if (headSince != NEVER) {
            return headSince + deadlines.head().toNanos();
        }
        return idleNanos == 0 ? NEVER : lastOctets + idleNanos;
    }

    /** Has the loop look when something may be overdue; mostly it will look then anyway. */
    private void watchUntilDue() {
        long due = due();
        if (due < watchedUntil) {
            cancelWatch();
            watchedUntil = due;
            watch =
                    ctx().executor()
                            .schedule(this::look, Math.max(0, due - now()), TimeUnit.NANOSECONDS);
        }
    }

    private void cancelWatch() {
        watchedUntil = NEVER;
        ScheduledFuture<?> scheduled = watch;
        watch = null;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }

    private void look() {
        watch = null;
        watchedUntil = NEVER;
        if (gone) {
            return;
        }
        if (now() < due()) {
            watchUntilDue();
        } else if (exchange != null && now() >= exchangeDue) {
            exchange.timedOut();
        } else if (exchange != null) {
            PlainExchange slow = exchange;
            tooSlow();
            slow.clientGone();
        } else if (held != null && !framing.isInBody()) {
            tooSlow();
        } else {
            close();
        }
    }

    /** A request that does not come whole in time is told so, unless an answer has begun. */
    private void tooSlow() {
        closes = true;
        Refusal why = Refusal.REQUEST_TIMEOUT;
        if (exchange == null || !exchange.hasAnswerBegun()) {
            answer(
                    PlatformAnswer.of(
                            null,
                            why.status(),
                            new HearthException(ErrorKind.INVALID, why.reason(), why.sentence()),
                            "platform"),
                    false);
        }
        closeAfterAnswer();
    }
}
