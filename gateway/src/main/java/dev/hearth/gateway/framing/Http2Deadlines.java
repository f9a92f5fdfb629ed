package dev.hearth.gateway.framing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first reader of an HTTP/2 connection: closes it when a head, with its CONTINUATION frames, or
 * any other frame has begun and does not come whole in time; of DATA some octet has to come. It
 * only counts octets (RFC 9113, section 4.1); what they say is Netty's to read. On the connection's
 * event loop.
 */
final class Http2Deadlines extends ChannelInboundHandlerAdapter {
    private static final int PREFACE = 24;
    private static final int FRAME_HEADER = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 4;

    private final Deadlines deadlines;
    private int preface = PREFACE;
    private int headerOctets;
    private int payload;
    private int type;
    private int flags;
    private boolean inHead;
    private long units; // frames that came whole, a head with all of its frames being one
    private long reads;
    private @Nullable ScheduledFuture<?> watch;

    Http2Deadlines(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        count((ByteBuf) message);
        reads++;
        watch(ctx);
        ctx.fireChannelRead(message);
    }

    private void count(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            if (preface > 0) {
                int octets = Math.min(preface, end - at);
                preface -= octets;
                at += octets;
            } else if (headerOctets < FRAME_HEADER) {
                header(in.getByte(at++) & 0xff);
            } else {
                int octets = Math.min(payload, end - at);
                payload -= octets;
                at += octets;
            }
            if (headerOctets == FRAME_HEADER && payload == 0) {
                frameEnds();
            }
        }
    }

    private void header(int octet) {
        switch (headerOctets++) {
            case 0, 1, 2 -> payload = payload << 8 | octet;
            case 3 -> type = octet;
            case 4 -> flags = octet;
            default -> {} // the stream
        }
    }

    private void frameEnds() {
        headerOctets = 0;
        if (type == HEADERS || type == CONTINUATION) {
            inHead = (flags & END_HEADERS) == 0;
        }
        if (!inHead) {
            units++;
        }
    }

    private boolean isUnderWay() {
        return preface > 0 || headerOctets > 0 || inHead;
    }

    private boolean isInData() {
        return headerOctets == FRAME_HEADER && type == DATA;
    }

    private void watch(ChannelHandlerContext ctx) {
        if (watch != null || !isUnderWay()) {
            return;
        }
        long unitsThen = units;
        long readsThen = reads;
        boolean data = isInData();
        long millis = (data ? deadlines.bodySilence() : deadlines.head()).toMillis();
        watch =
                ctx.executor()
                        .schedule(
                                () -> {
                                    watch = null;
                                    boolean same = isUnderWay() && units == unitsThen;
                                    if (same && (!data || reads == readsThen)) {
                                        ctx.close();
                                    } else {
                                        watch(ctx);
                                    }
                                },
                                millis,
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ScheduledFuture<?> scheduled = watch;
        if (scheduled != null) {
            scheduled.cancel(false); // else many short connections would be remembered until then
        }
        ctx.fireChannelInactive();
    }
}
