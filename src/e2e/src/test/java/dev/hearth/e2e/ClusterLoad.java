package dev.hearth.e2e;

import dev.hearth.e2e.Cluster.Member;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Clients that send one request after the other, each on a connection of its own, as behind a load
 * balancer that knows which gateways are ready.
 */
final class ClusterLoad implements AutoCloseable {
    private static final int PAUSE_MILLIS = 25;
    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 30_000;
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final AtomicReference<String> LAST_REFUSAL = new AtomicReference<>("");
    private static final Map<String, Integer> ANSWERS = new ConcurrentHashMap<>();

    private final Supplier<List<Member>> gateways;
    private final String service;
    private final String path;
    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean over;

    /**
     * @param gateways that are ready now
     */
    ClusterLoad(int clients, Supplier<List<Member>> gateways, String service) {
        this(clients, gateways, service, "/");
    }

    /**
     * @param gateways that are ready now
     * @param path that is asked for
     */
    ClusterLoad(int clients, Supplier<List<Member>> gateways, String service, String path) {
        this.gateways = gateways;
        this.service = service;
        this.path = path;
        for (int i = 0; i < clients; i++) {
            this.clients.add(Thread.ofVirtual().start(this::client));
        }
    }

    private void client() {
        try {
            while (!over) {
                List<Member> ready = gateways.get();
                Member one = ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
                int status = status(one, service, path);
                if (status == 200) {
                    answered.incrementAndGet();
                } else {
                    failures.add(
                            java.time.Instant.now()
                                    + " "
                                    + status
                                    + " by "
                                    + one.address()
                                    + ": "
                                    + LAST_REFUSAL.get());
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All the requests to a service that any client was answered 200. */
    static int answers(String service) {
        return ANSWERS.getOrDefault(service, 0);
    }

    /** The status of an answer that came whole; -1 when none did. */
    static int status(Member gateway, String service, String path) {
        int status = ask(gateway, service, path);
        if (status == 200) {
            ANSWERS.merge(service, 1, Integer::sum);
        }
        return status;
    }

    private static int ask(Member gateway, String service, String path) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(gateway.address(), Cluster.HTTP), CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream()
                    .write(
                            ("GET "
                                            + path
                                            + " HTTP/1.1\r\nHost: "
                                            + service
                                            + ".localhost\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            if (answer.startsWith("HTTP/1.1 50")) {
                LAST_REFUSAL.set(answer);
            }
            return answer.startsWith("HTTP/1.1 ") && answer.contains("\r\n\r\n")
                    ? Integer.parseInt(answer.substring(9, 12))
                    : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    int answered() {
        return answered.get();
    }

    /** Waits until so many more are answered. */
    void awaitMore(int count) throws InterruptedException {
        int goal = answered.get() + count;
        Eventually.until(
                () -> count + " more answers of " + service + " beside " + failures,
                SOON,
                () -> answered.get() >= goal);
    }

    /** When, what instead of 200, and by whom. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Ends the last requests. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread client : clients) {
            client.join();
        }
    }
}
