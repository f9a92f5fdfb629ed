package dev.hearth.gateway.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A stream that tells how many octets each write has, and hands everything on. */
final class CountedStream implements WriteStream<Buffer> {
    private final WriteStream<Buffer> to;
    private final IntConsumer counter;

    CountedStream(WriteStream<Buffer> to, IntConsumer counter) {
        this.to = to;
        this.counter = counter;
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        to.exceptionHandler(handler);
        return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
        counter.accept(data.length());
        return to.write(data);
    }

    @Override
    public void write(Buffer data, Handler<AsyncResult<Void>> handler) {
        counter.accept(data.length());
        to.write(data, handler);
    }

    @Override
    public void end(Handler<AsyncResult<Void>> handler) {
        to.end(handler);
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        to.setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return to.writeQueueFull();
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        to.drainHandler(handler);
        return this;
    }
}
