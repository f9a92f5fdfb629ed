package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Half a minute at half of what the platform can take, while services are deployed, scaled,
 * stopped, killed and deleted: every request is answered, and rightly.
 */
@Tag("root")
@Isolated
class SoakTest {
    private static final int CLIENTS = 16;
    private static final long SOAK_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final List<String> SERVICES = List.of("alpha", "beta", "gamma", "delta");
    private static Platform platform;

    @BeforeAll
    static void start() throws Exception {
        platform = new Platform();
        platform.up();
        for (String service : SERVICES) {
            platform.deploy(service);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    @Test
    void halfCapacity_whileEverythingChanges_noErrors() throws Exception {
        Load full = new Load(0, TimeUnit.SECONDS.toNanos(3));
        full.join();
        assertThat(full.wrong).isEmpty();
        double capacity = full.answered.get() / 3.0;

        Load half = new Load((long) (CLIENTS * 2e9 / capacity), SOAK_NANOS);
        int changes = 0;
        while (half.isGoing()) {
            change(changes++);
        }
        half.join();
        System.out.printf(
                Locale.ROOT,
                "soak: %.0f requests/s at most, %d answered in 30 s at half of it, %d changes%n",
                capacity,
                half.answered.get(),
                changes);
        assertThat(half.wrong)
                .as("%d answered, %d changes", half.answered.get(), changes)
                .isEmpty();
        assertThat(half.answered.get()).isGreaterThan((long) (capacity * 30 / 4));
        assertThat(changes).isGreaterThan(10);
    }

    private static void change(int number) throws Exception {
        switch (number % 6) {
            case 0 -> platform.deploy("alpha", "--env", "N=" + number);
            case 1 ->
                    platform.deploy(
                            "beta",
                            "--min",
                            "" + (1 + number % 3),
                            "--max",
                            "4",
                            "--concurrency",
                            "8");
            case 2 -> platform.succeed("stop", "gamma");
            case 3 -> kill("delta");
            case 4 -> platform.deploy("passing");
            default -> platform.succeed("delete", "passing");
        }
    }

    /** Ends an instance as the kernel would for want of memory: at once. */
    private static void kill(String service) throws Exception {
        List<Map<String, Object>> instances = platform.instancesOf(service);
        if (!instances.isEmpty()) {
            Process kill =
                    new ProcessBuilder("kill", "-9", instances.getFirst().get("pid").toString())
                            .start();
            assertThat(kill.waitFor()).isZero();
        }
    }

    /** Clients that ask at random times, or as fast as they can, for a while. */
    private static final class Load {
        final AtomicLong answered = new AtomicLong();
        final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final List<Thread> clients = new ArrayList<>();
        private final long end;

        /**
         * @param meanNanos between two requests of a client
         */
        Load(long meanNanos, long nanos) {
            end = System.nanoTime() + nanos;
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(i);
                clients.add(Thread.startVirtualThread(() -> ask(random, meanNanos)));
            }
        }

        boolean isGoing() {
            return System.nanoTime() < end;
        }

        void join() throws InterruptedException {
            for (Thread client : clients) {
                client.join();
            }
        }

        private void ask(Random random, long meanNanos) {
            long due = System.nanoTime();
            Connection connection = null;
            while (isGoing()) {
                String service = SERVICES.get(random.nextInt(SERVICES.size()));
                try {
                    due += (long) (-Math.log(1 - random.nextDouble()) * meanNanos);
                    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                    connection = connection == null ? new Connection(platform) : connection;
                    String answer = connection.get(service, "/");
                    answered.incrementAndGet();
                    if (!answer.startsWith("HTTP/1.1 200 ") || !answer.endsWith("Hello World!\n")) {
                        wrong.add(service + ": " + answer);
                        connection = null;
                    }
                } catch (IOException e) {
                    wrong.add(service + ": " + e);
                    connection = null;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
