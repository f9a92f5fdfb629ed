package dev.hearth.runtime.app;

import dev.hearth.contracts.InstanceReport;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Cluster;

/**
 * Puts an instance's reports where Kafka puts what has its revision as key, such as demand: the two
 * topics have as many partitions, so that one autoscaler is assigned both. See {@link
 * InstanceReport#key}.
 */
public final class ByRevision implements Partitioner {
    @Override
    public int partition(
            String topic,
            Object key,
            byte[] keyBytes,
            Object value,
            byte[] valueBytes,
            Cluster cluster) {
        String revision = key.toString().substring(0, key.toString().indexOf('/'));
        return BuiltInPartitioner.partitionForKey(
                revision.getBytes(StandardCharsets.UTF_8), cluster.partitionCountForTopic(topic));
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configuration) {}
}
