package dev.hearth.autoscaler.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Topics;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The application is up before there is a broker, and goes on when it comes, goes and comes. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class DemandChannelTest {
    private static final String REVISION = "hello-00001-abc";

    private long atMillis = 1_700_000_000_000L;

    @Test
    void demand_brokerComesLateGoesAndComesBack_decisionsFollow() throws Exception {
        Broker.shared().begin();
        try (KafkaProducer<String, String> producer = producer();
                KafkaConsumer<String, String> consumer = consumer()) {
            consumer.subscribe(List.of(Topics.DECISIONS));
            ConsumerRecord<String, String> first = untilDecided(producer, consumer);
            assertThat(first.key()).isEqualTo(REVISION);
            assertThat(first.value())
                    .contains("\"schema\":1", "\"instances\":1", "\"cpuMillis\":1000");

            producer.send(new ProducerRecord<>(Topics.DEMAND, "x", "{\"schema\":1,\"oops"));
            producer.send(new ProducerRecord<>(Topics.DEMAND, null, null));
            assertThat(untilDecided(producer, consumer).key()).isEqualTo(REVISION);

            Broker.shared().end();
            Broker.shared().begin();
            assertThat(untilDecided(producer, consumer).key()).isEqualTo(REVISION);
        }
    }

    /** Sends a sample every so often, as a gateway does, until a decision about one comes. */
    private ConsumerRecord<String, String> untilDecided(
            KafkaProducer<String, String> producer, KafkaConsumer<String, String> consumer) {
        long begun = atMillis + 1;
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < end) {
            producer.send(new ProducerRecord<>(Topics.DEMAND, REVISION, nextSample()));
            Optional<ConsumerRecord<String, String>> decision =
                    StreamSupport.stream(consumer.poll(Duration.ofMillis(200)).spliterator(), false)
                            .filter(r -> atOf(r.value()) >= begun)
                            .findFirst();
            if (decision.isPresent()) {
                return decision.get();
            }
        }
        throw new AssertionError("no decision within 60 s");
    }

    private String nextSample() {
        atMillis += 500;
        return JsonTest.SAMPLE.replace("\"atMillis\":1000", "\"atMillis\":" + atMillis);
    }

    private static long atOf(String decision) {
        return Long.parseLong(decision.replaceAll(".*\"atMillis\":(\\d+).*", "$1"));
    }

    private static KafkaProducer<String, String> producer() {
        Properties config = new Properties();
        config.putAll(Map.of("bootstrap.servers", Broker.shared().address(), "acks", "1"));
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer() {
        Properties config = new Properties();
        config.putAll(
                Map.of(
                        "bootstrap.servers", Broker.shared().address(),
                        "group.id", "test",
                        "auto.offset.reset", "earliest",
                        "metadata.max.age.ms", "1000"));
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }
}
