package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Topics;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The topics of the production overlay against those of the code. */
class TopicsTest {
    private final Map<String, KafkaTopic> topics =
            Documents.all().get("overlays/production/kafka.yaml").stream()
                    .map(StrictReader::read)
                    .filter(KafkaTopic.class::isInstance)
                    .map(KafkaTopic.class::cast)
                    .collect(Collectors.toMap(t -> t.getMetadata().getName(), t -> t));

    @Test
    void topics_areThoseOfTheContracts() throws Exception {
        Set<String> known = new TreeSet<>();
        for (Field field : Topics.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
                known.add((String) field.get(null));
            }
        }
        assertThat(known).contains(Topics.DEMAND);
        assertThat(topics.keySet()).isEqualTo(known);
    }

    /** A revision's samples and its instances' reports are then read by the same autoscaler. */
    @Test
    void partitions_ofDemandAndInstances_areEqual() {
        assertThat(topics.get(Topics.DEMAND).getSpec().getPartitions())
                .isEqualTo(topics.get(Topics.INSTANCES).getSpec().getPartitions());
    }

    @Test
    void instances_areCompacted_othersAreNot() {
        assertThat(topics)
                .allSatisfy(
                        (name, topic) ->
                                assertThat(topic.getSpec().getConfig().get("cleanup.policy"))
                                        .as(name)
                                        .isEqualTo(
                                                name.equals(Topics.INSTANCES)
                                                        ? "compact,delete"
                                                        : null));
    }
}
