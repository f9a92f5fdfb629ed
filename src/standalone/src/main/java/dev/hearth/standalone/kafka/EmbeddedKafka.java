package dev.hearth.standalone.kafka;

import dev.hearth.contracts.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the broker's JVM running: one thread starts it, waits for its end and starts it again,
 * waiting longer each time it did not live long.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedKafka.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A broker that lived so long was fine: the next pause is the first again. */
    private static final Duration LONG_LIFE = Duration.ofMinutes(1);

    private static final Duration STOP_DEADLINE = Duration.ofSeconds(8);

    private final BrokerSettings settings;
    private final Path logs;
    private final Clock clock;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private @Nullable Thread keeper;
    private @Nullable Process broker;

    /**
     * @param storage the broker's directory
     * @param logs where {@code kafka.log} goes
     * @param port for clients on 127.0.0.1
     * @param controllerPort for the broker's own use on 127.0.0.1
     */
    public EmbeddedKafka(Path storage, Path logs, int port, int controllerPort, Clock clock) {
        this.settings = new BrokerSettings(storage, port, controllerPort);
        this.logs = logs;
        this.clock = clock;
    }

    /** {@code HOST:PORT} for clients. */
    public String address() {
        return settings.address();
    }

    /** Begins; does not wait for the broker, which needs some seconds. */
    public synchronized void start() {
        if (keeper == null && stopping.getCount() > 0) {
            keeper = Thread.ofPlatform().name("embedded-kafka").daemon().start(this::keepRunning);
        }
    }

    /** Waits until the broker served for the first time; false when it did not in time. */
    public boolean awaitReady(Duration deadline) throws InterruptedException {
        return ready.await(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void keepRunning() {
        Duration pause = FIRST_PAUSE;
        try {
            do {
                long begin = clock.nanos();
                String end = runOnce();
                if (stopping.getCount() == 0) {
                    return;
                }
                if (clock.nanos() - begin > LONG_LIFE.toNanos()) {
                    pause = FIRST_PAUSE;
                }
                LOG.warnf(
                        "the embedded Kafka %s; starting it again in %d s; see %s",
                        end, pause.toSeconds(), logs.resolve("kafka.log"));
                pause = longer(pause);
            } while (!stopping.await(pause.toMillis() / 2, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    /** Starts the broker and waits for its end; says how it ended. */
    private String runOnce() throws InterruptedException {
        try {
            Process started = launch();
            if (started == null) {
                return "was not started";
            }
            try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals(BrokerMain.READY)) {
                        LOG.debugf("the embedded Kafka serves at %s", settings.address());
                        ready.countDown();
                    }
                }
            }
            return "ended with status " + started.waitFor();
        } catch (IOException e) {
            return "could not be run (" + e + ")";
        }
    }

    private synchronized @Nullable Process launch() throws IOException {
        if (stopping.getCount() == 0) {
            return null;
        }
        Process started = ChildJvm.start(settings, logs);
        broker = started;
        return started;
    }

    /** The broker's process id, or 0 when it does not run. */
    synchronized long pid() {
        return broker != null && broker.isAlive() ? broker.pid() : 0;
    }

    /** Stops the broker, by force when it takes too long; it is gone when this returns. */
    @Override
    public void close() {
        Process last;
        Thread thread;
        synchronized (this) {
            stopping.countDown();
            last = broker;
            thread = keeper;
        }
        if (last != null) {
            stop(last);
        }
        if (thread != null) {
            join(thread);
        }
    }

    private static void stop(Process broker) {
        try {
            broker.getOutputStream().close();
            if (!broker.waitFor(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("the embedded Kafka did not stop in time and is killed");
            }
        } catch (IOException e) {
            LOG.debugf("the pipe to the embedded Kafka was closed already: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            broker.destroyForcibly();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(STOP_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
