package dev.hearth.autoscaler.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Topics;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whoever is given a partition, at its start or because another autoscaler is gone, reads its last
 * minutes first. So it decides out of the same demand as the one before it, and nothing begins
 * anew.
 */
@ApplicationScoped
@Identifier(LookBack.NAME)
class LookBack implements KafkaConsumerRebalanceListener {
    /** By which the channel's settings name it. */
    static final String NAME = "hearth-autoscaler";

    private static final Logger LOG = Logger.getLogger(LookBack.class);

    /** Longer than most windows and idle times; of longer ones less is known after a change. */
    static final Duration TIME = Duration.ofMinutes(10);

    private static final Duration CALL = Duration.ofSeconds(5);

    private final Map<TopicPartition, Long> firstNew = new ConcurrentHashMap<>();
    private final Recollection recollection;

    @Inject
    LookBack(Recollection recollection) {
        this.recollection = recollection;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Instant now = Clock.system().now();
        long since = now.minus(TIME).toEpochMilli();
        Map<TopicPartition, Long> begin = new HashMap<>();
        partitions.forEach(p -> begin.put(p, since));
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, CALL);
            firstNew.putAll(ends);
            consumer.offsetsForTimes(begin, CALL)
                    .forEach(
                            (partition, at) -> {
                                long from = from(partition, at, ends);
                                consumer.seek(partition, from);
                                if (partition.topic().equals(Topics.DEMAND)) {
                                    recollection.begin(partition, from, now);
                                }
                            });
        } catch (KafkaException e) {
            LOG.warnf("beginning without the demand of the last minutes: %s", e.getMessage());
        }
    }

    /** The first offset since then; the end when nothing has been written since. */
    private static long from(
            TopicPartition partition,
            @Nullable OffsetAndTimestamp at,
            Map<TopicPartition, Long> ends) {
        return at != null ? at.offset() : ends.getOrDefault(partition, 0L);
    }

    /** Whether a message was there before its partition was ours. */
    boolean isPast(IncomingKafkaRecordMetadata<?, ?> message) {
        TopicPartition partition = new TopicPartition(message.getTopic(), message.getPartition());
        return message.getOffset() < firstNew.getOrDefault(partition, 0L);
    }
}
