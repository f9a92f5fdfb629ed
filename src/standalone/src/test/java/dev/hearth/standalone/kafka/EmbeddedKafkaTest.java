package dev.hearth.standalone.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Topics;
import dev.hearth.standalone.postgres.EmbeddedPostgres;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker in a real child JVM. */
class EmbeddedKafkaTest {
    private static final Duration DEADLINE = Duration.ofSeconds(40);

    @TempDir Path scratch;

    @Test
    void start_thenACrash_servesOurTopicsAgainOnTheSamePort() throws Exception {
        EmbeddedKafka kafka =
                new EmbeddedKafka(
                        scratch.resolve("kafka"),
                        Files.createDirectories(scratch.resolve("logs")),
                        EmbeddedPostgres.freePort(),
                        EmbeddedPostgres.freePort(),
                        Clock.system());
        long last;
        try (kafka) {
            kafka.start();
            assertThat(kafka.awaitReady(DEADLINE)).isTrue();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
                assertThat(admin.listTopics().names().get(20, TimeUnit.SECONDS))
                        .contains(Topics.DEMAND, Topics.DECISIONS);
            }
            send(kafka);
            ProcessHandle.of(kafka.pid()).orElseThrow().destroyForcibly();
            send(kafka);
            last = kafka.pid();
        }
        assertThat(ProcessHandle.of(last).map(ProcessHandle::isAlive).orElse(false)).isFalse();
    }

    @Test
    void broker_parentIsKilled_dies() throws Exception {
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Parent.class.getName(),
                                scratch.toString())
                        .redirectError(scratch.resolve("parent.log").toFile())
                        .start();
        try (BufferedReader lines = parent.inputReader()) {
            ProcessHandle broker = ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();
            assertThat(lines.readLine()).isEqualTo(BrokerMain.READY);
            parent.destroyForcibly().waitFor();
            broker.onExit().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            parent.destroyForcibly();
        }
    }

    private static void send(EmbeddedKafka kafka) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.address()),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topics.DEMAND, "r", "{}"))
                    .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Stands for Hearth: starts a broker, tells its process id, then waits to be killed. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] args) throws Exception {
            BrokerSettings settings =
                    new BrokerSettings(
                            Path.of(args[0], "kafka"),
                            EmbeddedPostgres.freePort(),
                            EmbeddedPostgres.freePort());
            Process broker = ChildJvm.start(settings, Path.of(args[0]));
            System.out.println(broker.pid());
            System.out.println(broker.inputReader().readLine());
            broker.waitFor();
        }
    }
}
