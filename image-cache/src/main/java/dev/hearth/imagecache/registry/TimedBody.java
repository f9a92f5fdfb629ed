package dev.hearth.imagecache.registry;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response as a stream that gives up on a peer which is silent for {@link #STALL} or
 * slower than {@link #LEAST_BYTES_PER_SECOND}. The JDK's own stream waits for ever: a request's
 * timeout ends with the response's headers.
 *
 * <p>Only time spent waiting for the peer counts, not what the reader does meanwhile. At most
 * {@link #WINDOW} chunks are asked for ahead, so a slow reader holds the peer back.
 */
final class TimedBody extends InputStream implements BodySubscriber<InputStream> {
    static final Duration STALL = Duration.ofSeconds(30);
    static final long LEAST_BYTES_PER_SECOND = 1024;

    /**
     * Chunks (the JDK's are of 16 KiB) that may wait for the reader. Asked for half a window at a
     * time, because each asking wakes the client's own thread: one by one, waking it and waiting
     * for the socket anew were a quarter of the Java samples in a pull's profile.
     */
    private static final int WINDOW = 16;

    private final Clock clock;
    private final Duration stall;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Deque<ByteBuffer> ready = new ArrayDeque<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private long waitedNanos;
    private long received;
    private int taken;
    private boolean ended;

    TimedBody(Clock clock, Duration stall) {
        this.clock = clock;
        this.stall = stall;
    }

    private sealed interface Event {}

    private record Data(List<ByteBuffer> buffers) implements Event {}

    private record End() implements Event {}

    private record Failed(Throwable cause) implements Event {}

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription.complete(s);
        s.request(WINDOW);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        events.add(new Data(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Failed(failure));
    }

    @Override
    public void onComplete() {
        events.add(new End());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!ended) {
            ByteBuffer next = ready.peek();
            if (next == null) {
                await();
            } else if (!next.hasRemaining()) {
                ready.remove();
            } else {
                int n = Math.min(length, next.remaining());
                next.get(buffer, offset, n);
                return n;
            }
        }
        return -1;
    }

    private void await() throws IOException {
        long before = clock.nanos();
        Event event;
        try {
            event = events.poll(stall.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("given up");
        }
        waitedNanos += clock.nanos() - before;
        switch (event) {
            case null -> throw new IOException("it was silent for " + stall.toSeconds() + " s");
            case End end -> ended = true;
            case Failed failed -> throw new IOException("it broke off", failed.cause);
            case Data data -> {
                for (ByteBuffer b : data.buffers) {
                    received += b.remaining();
                    ready.add(b);
                }
                checkRate();
                if (++taken == WINDOW / 2) {
                    taken = 0;
                    subscription.thenAccept(s -> s.request(WINDOW / 2));
                }
            }
        }
    }

    private void checkRate() throws IOException {
        long waitedSeconds = waitedNanos / 1_000_000_000L;
        if (waitedNanos > stall.toNanos() && received < waitedSeconds * LEAST_BYTES_PER_SECOND) {
            throw new IOException("it sent only " + received + " bytes in " + waitedSeconds + " s");
        }
    }

    @Override
    public void close() {
        subscription.thenAccept(Flow.Subscription::cancel);
    }
}
