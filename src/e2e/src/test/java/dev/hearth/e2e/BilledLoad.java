package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * Clients that ask a service all the time, whatever is killed meanwhile, and keep their own count:
 * each request that was answered, each that was under way when its connection broke, and when some
 * request was under way at all.
 */
final class BilledLoad implements AutoCloseable {
    /** What the container takes for a request. */
    private static final int MILLIS = 300;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final int RETRY_MILLIS = 20;

    /** After that a request is with the container, and so long before its end it still is. */
    private static final long MARGIN_NANOS = 20_000_000;

    private final Platform platform;
    private final String service;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<Boolean>> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<Span> spans = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> others = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean over;

    /** When each client sent the request that is under way; 0 while none is. */
    private final AtomicLongArray askedNanos;

    /** When a request was under way, by the client. */
    private record Span(long from, long to) {}

    /**
     * @param seconds in which at least one request was under way
     * @param stretches of such time, with pauses between them
     */
    record Active(double seconds, int stretches) {}

    BilledLoad(Platform platform, String service, int count) {
        this.platform = platform;
        this.service = service;
        this.askedNanos = new AtomicLongArray(count);
        for (int i = 0; i < count; i++) {
            int client = i;
            clients.add(threads.submit(() -> go(client)));
        }
    }

    private boolean go(int client) throws InterruptedException {
        // the first one is shorter, so that they end one after the other
        int millis = MILLIS * (client + 1) / askedNanos.length();
        while (!over) {
            try (Connection connection = new Connection(platform)) {
                while (!over) {
                    ask(client, connection, "/sleep?ms=" + millis);
                    millis = MILLIS;
                }
            } catch (IOException away) {
                Thread.sleep(RETRY_MILLIS); // nobody listens until the platform is back
            }
        }
        return true;
    }

    private void ask(int client, Connection connection, String path) throws IOException {
        long from = System.nanoTime();
        askedNanos.set(client, from);
        try {
            String answer = connection.get(service, path);
            if (answer.startsWith("HTTP/1.1 200 ")) {
                answered.incrementAndGet();
            } else {
                others.add(answer);
            }
        } catch (IOException e) {
            lost.incrementAndGet();
            throw e;
        } finally {
            askedNanos.set(client, 0);
            spans.add(new Span(from, System.nanoTime()));
        }
    }

    /** Waits until so many more are answered. */
    void awaitMore(int count) throws InterruptedException {
        int before = answered.get();
        Eventually.until(
                () -> before + count + " answers, not " + answered + " beside " + others,
                Duration.ofSeconds(60),
                () -> answered.get() >= before + count);
    }

    /** Waits for a moment at which each client's request is with the container, for a while yet. */
    void awaitMidst() throws InterruptedException {
        Eventually.until(
                "each client's request is under way, and none is about to end",
                Duration.ofSeconds(60),
                () -> {
                    long now = System.nanoTime();
                    return IntStream.range(0, askedNanos.length()).allMatch(i -> isMidst(i, now));
                });
    }

    private boolean isMidst(int client, long now) {
        long asked = askedNanos.get(client);
        long since = now - asked;
        return asked != 0
                && since > MARGIN_NANOS
                && since < MILLIS * NANOS_PER_MILLI - MARGIN_NANOS;
    }

    /** Ends when the requests that are under way do. */
    void stop() throws Exception {
        over = true;
        for (Future<Boolean> client : clients) {
            assertThat(client.get()).isTrue();
        }
        assertThat(others).as("answers other than 200").isEmpty();
    }

    /** Requests whose answers the clients have. */
    int answered() {
        return answered.get();
    }

    /** Requests whose connection broke before their answers came. */
    int lost() {
        return lost.get();
    }

    Active active() {
        List<Span> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingLong(Span::from));
        long nanos = 0;
        int stretches = 0;
        long until = Long.MIN_VALUE;
        for (Span span : sorted) {
            if (span.from > until) {
                stretches++;
                until = span.from;
            }
            nanos += Math.max(0, span.to - until);
            until = Math.max(until, span.to);
        }
        return new Active(nanos / 1e9, stretches);
    }

    @Override
    public void close() {
        over = true;
        threads.close();
    }
}
