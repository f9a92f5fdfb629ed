package dev.hearth.gateway.forward;

import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.framing.FieldLines;
import dev.hearth.gateway.framing.ResponseFraming;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.trace.RequestTrace;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A usual request of a {@link PlainConnection}: its octets go to an {@link InstanceConnection}, and
 * the response's come back, in the buffers they came in, but for the heads.
 */
final class PlainExchange extends Exchange {
    /** Octets of a body that are copied behind the head, so that both are one write. */
    private static final int COPIED = 8 * 1024;

    private static final int CR_LF = '\r' << 8 | '\n';

    private final PlainConnection client;
    private final RequestHead request;
    private final ByteBuf head;
    private @Nullable InstanceConnection container;
    private @Nullable ByteBuf unsent; // of the answer: its head and what was copied behind it
    private boolean answerBegun;
    private boolean inChunks;
    private int status;
    private long written;

    /**
     * @param request what was read of the head, until the exchange is over
     * @param head its octets, for this to release
     */
    PlainExchange(
            PlainConnection client,
            Forwarder forwarder,
            RevisionPool pool,
            RequestTrace trace,
            RequestHead request,
            ByteBuf head,
            boolean hasBody) {
        super(forwarder, pool, trace, forwarder.clock().nanos(), hasBody, "");
        this.client = client;
        this.request = request;
        this.head = head;
    }

    @Override
    void onLoop(Runnable then) {
        client.onLoop(then);
    }

    @Override
    boolean isSafe() {
        return switch (request.method()) {
            case "GET", "HEAD", "OPTIONS" -> true;
            default -> false;
        };
    }

    @Override
    @Nullable String accept() {
        return request.accept();
    }

    private boolean isHead() {
        return request.method().equals("HEAD");
    }

    // ---- sending

    @Override
    void send(StartedInstance to) {
        InstanceConnection free = forwarder().connections().take(to.id());
        if (free != null) {
            connected(free);
        } else {
            forwarder().connections().connect(client.loop(), to, this);
        }
    }

    /** A connection is ready for the request. */
    void connected(InstanceConnection to) {
        if (isOver()) {
            forwarder().connections().keep(to);
            return;
        }
        container = to;
        handOver(to.begin(this, isHead()));
        ByteBuf out =
                client.buffer(head.readableBytes() + request.grows() + (hasBody() ? COPIED : 0));
        request.write(head, trace().context(), out);
        if (hasBody()) {
            bodyBegins();
            client.copyBody(out);
        }
        to.write(out);
        if (hasBody()) {
            client.proceed();
        }
    }

    /** Whether octets of the body can go on now. */
    boolean takesBody() {
        InstanceConnection to = container;
        return to != null && to.isWritable();
    }

    /** Sends octets of the body. */
    void body(ByteBuf octets) {
        InstanceConnection to = container;
        if (to == null) {
            throw new IllegalStateException("the body goes where the head went");
        }
        to.write(octets);
    }

    /** The container takes octets again. */
    void containerWritable() {
        client.proceed();
    }

    /** Whether the whole request is sent. */
    boolean isSent() {
        return !client.isInBody();
    }

    // ---- answering

    /** The head of the container's answer is whole; it begins at the buffer's reader index. */
    void answer(ResponseFraming framing, ByteBuf in) {
        status = framing.status();
        answerBegins(status);
        answerBegun = true;
        inChunks = framing.body() == ResponseFraming.Body.UNTIL_CLOSE;
        ByteBuf out = client.buffer(framing.headLength() + 256 + COPIED);
        ResponseHead.write(framing, in, receipt(request.wantsReceipt()), client.closes(), out);
        unsent = out;
    }

    /** Passes the last octets of a body of a known length on. */
    void passLast(ByteBuf in, int length) {
        count(status, length); // they may be with the client before this returns
        pass(in, length);
    }

    /** Passes octets of the body on. */
    void pass(ByteBuf in, int length) {
        if (length == 0) {
            return;
        }
        if (inChunks) {
            room().writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
            room().writeShort(CR_LF);
        }
        ByteBuf before = unsent;
        if (before != null && before.writableBytes() >= length + 2) {
            before.writeBytes(in, length);
        } else {
            if (before != null) {
                write(before);
            }
            unsent = null;
            write(in.readRetainedSlice(length));
        }
        if (inChunks) {
            room().writeShort(CR_LF);
        }
        if (!client.isWritable()) {
            client.flushNow();
            holdBack();
        }
    }

    /** The last chunk, and the trailers that may pass. */
    void lastChunk(FieldLines trailers, ByteBuf in) {
        ResponseHead.lastChunk(trailers, in, room());
    }

    private ByteBuf room() {
        ByteBuf before = unsent;
        ByteBuf room = before == null ? client.buffer(COPIED) : before;
        unsent = room;
        return room;
    }

    private void holdBack() {
        InstanceConnection from = container;
        if (from != null && !client.isWritable()) {
            from.setReading(false);
        }
    }

    /** The client takes octets again. */
    void clientWritable() {
        InstanceConnection from = container;
        if (from != null) {
            from.setReading(true);
        }
    }

    /** Sends what has been written. */
    void flush() {
        ByteBuf last = unsent;
        unsent = null;
        if (last != null) {
            write(last);
        }
        client.flush();
    }

    private void write(ByteBuf octets) {
        written += octets.readableBytes();
        client.write(octets);
        countSoFar();
    }

    @Override
    long egressBytes() {
        ByteBuf last = unsent;
        return last == null ? written : written + last.readableBytes();
    }

    /** All of the answer has come, and its connection is somebody else's now. */
    void answerEnds() {
        InstanceConnection from = container;
        container = null;
        if (from != null) {
            from.setReading(true);
        }
        if (inChunks) {
            ResponseHead.lastChunk(room());
        }
        count(status);
        flush();
        finish(status);
    }

    @Override
    boolean hasAnswerBegun() {
        return answerBegun;
    }

    @Override
    boolean isClientClosed() {
        return client.isClosed();
    }

    @Override
    void write(PlatformAnswer answer) {
        client.answer(answer, isHead());
    }

    @Override
    void cutClientOff() {
        client.close();
    }

    @Override
    void setDeadline(long nanos) {
        client.watchUntil(nanos);
    }

    @Override
    void clearDeadline() {
        client.watchUntil(PlainConnection.NEVER);
    }

    @Override
    void ended() {
        InstanceConnection broken = container;
        container = null;
        if (broken != null) {
            broken.close();
        }
        ByteBuf rest = unsent;
        unsent = null;
        if (rest != null) {
            rest.release();
        }
        head.release();
        client.over();
    }
}
