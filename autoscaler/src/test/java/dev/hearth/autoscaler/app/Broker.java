package dev.hearth.autoscaler.app;

import dev.hearth.testing.Ports;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A real Kafka broker (KRaft, one node) for a test, which is not there until {@link #begin}. */
public final class Broker implements QuarkusTestResourceLifecycleManager {
    private static Broker shared;

    private Path directory;
    private int port;
    private Process process;

    static Broker shared() {
        return shared;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("hearth-autoscaler-test");
            port = Ports.free();
            Files.writeString(
                    directory.resolve("broker.properties"),
                    """
                    process.roles=broker,controller
                    node.id=1
                    controller.quorum.voters=1@127.0.0.1:%2$d
                    listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                    advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                    controller.listener.names=CONTROLLER
                    log.dirs=%3$s
                    auto.create.topics.enable=false
                    offsets.topic.num.partitions=1
                    offsets.topic.replication.factor=1
                    transaction.state.log.replication.factor=1
                    transaction.state.log.min.isr=1
                    group.initial.rebalance.delay.ms=0
                    """
                            .formatted(port, Ports.free(), directory.resolve("log")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        shared = this;
        return Map.of("kafka.bootstrap.servers", address());
    }

    void begin() throws IOException {
        process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx192m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BrokerMain.class.getName(),
                                directory.resolve("broker.properties").toString(),
                                directory.resolve("log").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("broker.log").toFile())
                        .start();
    }

    void end() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void stop() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
