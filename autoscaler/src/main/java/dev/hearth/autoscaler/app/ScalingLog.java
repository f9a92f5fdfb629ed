package dev.hearth.autoscaler.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What Kafka keeps of demand and decisions, read from some time to another. */
@Singleton
class ScalingLog {
    private static final Duration CALL = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(500);

    /** Of a whole reading. A day of a busy platform is some hundred megabytes. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** A message may be written so much later than the time that it is about. */
    private static final Duration LATE = Duration.ofSeconds(10);

    private final String brokers;
    private final Clock clock = Clock.system();

    @Inject
    ScalingLog(@ConfigProperty(name = "kafka.bootstrap.servers") String brokers) {
        this.brokers = brokers;
    }

    /**
     * Hands on every message about one of the revisions that was written between the two times, or
     * a little later, in the order of each revision's. Throws UNAVAILABLE {@code
     * kafka-unavailable}, or DEADLINE {@code log-too-long}.
     */
    void read(
            String topic,
            List<RevisionName> revisions,
            Instant from,
            Instant to,
            Consumer<String> messages) {
        Set<String> keys = revisions.stream().map(RevisionName::value).collect(Collectors.toSet());
        long deadline = clock.nanos() + DEADLINE.toNanos();
        try (KafkaConsumer<String, String> consumer = consumer()) {
            for (TopicPartition partition : partitions(consumer, topic, keys)) {
                consumer.assign(List.of(partition));
                long end =
                        consumer.endOffsets(List.of(partition), CALL).getOrDefault(partition, 0L);
                OffsetAndTimestamp begin =
                        consumer.offsetsForTimes(Map.of(partition, from.toEpochMilli()), CALL)
                                .get(partition);
                if (begin == null) {
                    continue; // nothing has been written since
                }
                consumer.seek(partition, begin.offset());
                long last = to.plus(LATE).toEpochMilli();
                boolean over = false;
                while (!over && consumer.position(partition) < end) {
                    if (clock.nanos() - deadline > 0) {
                        throw tooLong();
                    }
                    for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                        over |= record.timestamp() > last;
                        if (!over && keys.contains(record.key()) && record.value() != null) {
                            messages.accept(record.value());
                        }
                    }
                }
            }
        } catch (KafkaException e) {
            throw unavailable(e);
        }
    }

    /**
     * Hands on every message of a partition from a time on, in order, up to an offset. Throws as
     * {@link #read(String, List, Instant, Instant, Consumer)}; what was read by then was handed on.
     */
    void read(TopicPartition partition, Instant from, long end, Consumer<String> messages) {
        long deadline = clock.nanos() + DEADLINE.toNanos();
        try (KafkaConsumer<String, String> consumer = consumer()) {
            consumer.assign(List.of(partition));
            OffsetAndTimestamp begin =
                    consumer.offsetsForTimes(Map.of(partition, from.toEpochMilli()), CALL)
                            .get(partition);
            if (begin == null) {
                return; // nothing has been written since
            }
            consumer.seek(partition, begin.offset());
            while (consumer.position(partition) < end) {
                if (clock.nanos() - deadline > 0) {
                    throw tooLong();
                }
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    if (record.offset() < end && record.value() != null) {
                        messages.accept(record.value());
                    }
                }
            }
        } catch (KafkaException e) {
            throw unavailable(e);
        }
    }

    /** Those that the revisions' messages are in, see ByRevision of the runtime. */
    private static Set<TopicPartition> partitions(
            KafkaConsumer<String, String> consumer, String topic, Set<String> keys) {
        List<PartitionInfo> all = consumer.partitionsFor(topic, CALL);
        if (all == null || all.isEmpty()) {
            throw new KafkaException("there is no topic " + topic + " yet");
        }
        return keys.stream()
                .map(
                        key ->
                                BuiltInPartitioner.partitionForKey(
                                        key.getBytes(StandardCharsets.UTF_8), all.size()))
                .map(number -> new TopicPartition(topic, number))
                .collect(Collectors.toSet());
    }

    private static HearthException unavailable(KafkaException e) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "kafka-unavailable",
                "what was decided is kept in Kafka, which does not answer ("
                        + e.getMessage()
                        + "); try again when it does",
                e);
    }

    private static HearthException tooLong() {
        return new HearthException(
                ErrorKind.DEADLINE,
                "log-too-long",
                "reading what was decided took more than "
                        + DEADLINE.toSeconds()
                        + " s; ask about a shorter time");
    }

    private KafkaConsumer<String, String> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        brokers,
                        "enable.auto.commit",
                        "false",
                        "allow.auto.create.topics",
                        "false",
                        "default.api.timeout.ms",
                        Long.toString(CALL.toMillis()),
                        "request.timeout.ms",
                        Long.toString(CALL.toMillis()),
                        "max.poll.records",
                        "5000"),
                new StringDeserializer(),
                new StringDeserializer());
    }
}
