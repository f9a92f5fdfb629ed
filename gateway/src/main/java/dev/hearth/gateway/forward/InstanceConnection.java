package dev.hearth.gateway.forward;

import dev.hearth.contracts.InstanceId;
import dev.hearth.gateway.framing.ResponseFraming;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an instance: carries one request at a time and reads its response, telling the
 * {@link PlainExchange} whose it is. On the event loop of its {@link InstanceConnections}.
 */
final class InstanceConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = Logger.getLogger(InstanceConnection.class);

    private final InstanceConnections home;
    private final InstanceId instance;
    private final Flushes flushes;
    private final ResponseFraming framing = new ResponseFraming(InstanceClients.HEADER_BYTES);
    private @Nullable Channel channel;
    private @Nullable PlainExchange exchange;
    private @Nullable ByteBuf held;
    private boolean used;
    private boolean answering;
    private long keptSince;

    InstanceConnection(InstanceConnections home, InstanceId instance, Flushes flushes) {
        this.home = home;
        this.flushes = flushes;
        this.instance = instance;
    }

    InstanceId instance() {
        return instance;
    }

    void keptSince(long nanos) {
        keptSince = nanos;
    }

    long keptSince() {
        return keptSince;
    }

    /**
     * The next response is for this request.
     *
     * @param isHead whether its method is HEAD
     * @return whether the connection has carried another request before
     */
    boolean begin(PlainExchange request, boolean isHead) {
        exchange = request;
        answering = false;
        framing.expect(isHead);
        boolean before = used;
        used = true;
        return before;
    }

    /** Sends octets of the request. */
    void write(ByteBuf octets) {
        Channel to = channel();
        to.write(octets, to.voidPromise());
        flushes.add(to.eventLoop(), to);
    }

    /** Whether the container takes what is sent to it. */
    boolean isWritable() {
        return channel().isWritable();
    }

    /** Whether to go on reading the response. */
    void setReading(boolean on) {
        channel().config().setAutoRead(on);
    }

    /** Gives up the request that it carries, or the connection when it carries none. */
    void close() {
        exchange = null;
        channel().close();
    }

    private Channel channel() {
        Channel known = channel;
        if (known == null) {
            throw new IllegalStateException("a connection is used only once it is made");
        }
        return known;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf read = (ByteBuf) message;
        ByteBuf before = held;
        held = null;
        ByteBuf all =
                before == null
                        ? read
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, read);
        boolean going = true;
        while (going) {
            PlainExchange mine = exchange;
            if (mine == null) {
                if (all.isReadable()) {
                    ctx.close(); // nobody asked for that
                    all.skipBytes(all.readableBytes());
                }
                going = false;
            } else {
                going = answering ? body(mine, all) : head(mine, all);
            }
        }
        if (all.isReadable()) {
            held = all;
        } else {
            all.release();
        }
    }

    /** Reads a head; false when more has to come first. */
    private boolean head(PlainExchange mine, ByteBuf all) {
        long heads = framing.heads();
        int length = framing.next(all);
        if (framing.refusal().isPresent()) {
            giveUp(all);
            mine.brokeOff(true);
            return true;
        }
        if (framing.heads() == heads) {
            return false;
        }
        if (!framing.isInterim()) {
            answering = true;
            mine.answer(framing, all);
        }
        all.skipBytes(length);
        if (answering && !framing.isInBody()) {
            end(mine, all);
        }
        return true;
    }

    /** Reads some of a body; false when more has to come first. */
    private boolean body(PlainExchange mine, ByteBuf all) {
        if (!all.isReadable()) {
            return false;
        }
        int length = framing.next(all);
        if (framing.refusal().isPresent()) {
            giveUp(all);
            mine.cutOff();
            return true;
        }
        boolean ended = !framing.isInBody();
        if (ended && framing.body() == ResponseFraming.Body.CHUNKED) {
            int last = framing.headLength();
            mine.pass(all, length - last);
            mine.lastChunk(framing.fields(), all);
            all.skipBytes(last);
        } else if (ended) {
            mine.passLast(all, length);
        } else {
            mine.pass(all, length);
        }
        if (ended) {
            end(mine, all);
        }
        return ended || length > 0;
    }

    private void giveUp(ByteBuf all) {
        all.skipBytes(all.readableBytes());
        close();
    }

    private void end(PlainExchange mine, ByteBuf all) {
        boolean whole = framing.keepsConnection() && mine.isSent() && !all.isReadable();
        exchange = null;
        if (whole) {
            home.keep(this);
        } else {
            all.skipBytes(all.readableBytes());
            close();
        }
        mine.answerEnds();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.containerWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            rest.release();
        }
        PlainExchange mine = exchange;
        exchange = null;
        if (mine == null) {
            home.forget(this);
        } else if (!answering) {
            home.drop(instance);
            mine.brokeOff(rest != null);
        } else if (framing.body() == ResponseFraming.Body.UNTIL_CLOSE) {
            mine.answerEnds();
        } else {
            mine.cutOff();
        }
    }

    /** Whatever the socket says, the connection is of no more use. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // a socket's, which closing it answers
            LOG.error("a connection is closed after a failure of the gateway", cause);
        }
        ctx.close();
    }
}
