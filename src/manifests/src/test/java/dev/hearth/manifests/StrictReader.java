package dev.hearth.manifests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Reads resources as an API server does that is asked for strict validation: a field that the kind
 * does not have is an error, and so is a number where text belongs.
 */
final class StrictReader {
    /** The one version that Strimzi 1.0 knows; 0.49 and later know it too. */
    private static final String STRIMZI = "kafka.strimzi.io/v1";

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .annotationIntrospector(new KnownFieldsOnly())
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .withCoercionConfig(
                            LogicalType.Textual,
                            text ->
                                    text.setCoercion(
                                                    CoercionInputShape.Integer, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Float, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Boolean,
                                                    CoercionAction.Fail))
                    .build();

    private static final Map<String, Class<? extends HasMetadata>> KINDS = kinds();

    private StrictReader() {}

    /** Of what kind it is: {@code apps/v1 Deployment}. */
    static String kind(JsonNode document) {
        return document.path("apiVersion").asText() + " " + document.path("kind").asText();
    }

    /** Every model, by {@link #kind}. */
    static Map<String, Class<? extends HasMetadata>> models() {
        return KINDS;
    }

    /** Whether there is a model of this kind. */
    static boolean knows(JsonNode document) {
        return KINDS.containsKey(kind(document));
    }

    /** The resource; fails with the path of what is not in the model. */
    static HasMetadata read(JsonNode document) {
        Class<? extends HasMetadata> model = KINDS.get(kind(document));
        if (model == null) {
            throw new AssertionError("there is no model of " + kind(document));
        }
        try {
            return MAPPER.treeToValue(document, model);
        } catch (JsonProcessingException e) {
            throw new AssertionError(kind(document) + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Class<? extends HasMetadata>> kinds() {
        Map<String, Class<? extends HasMetadata>> kinds = new HashMap<>();
        ServiceLoader.load(KubernetesResource.class).stream()
                .map(ServiceLoader.Provider::type)
                .filter(HasMetadata.class::isAssignableFrom)
                .map(type -> type.<HasMetadata>asSubclass(HasMetadata.class))
                .filter(type -> HasMetadata.getApiVersion(type) != null)
                .forEach(
                        type ->
                                kinds.put(
                                        HasMetadata.getApiVersion(type)
                                                + " "
                                                + HasMetadata.getKind(type),
                                        type));
        for (Class<? extends HasMetadata> type :
                List.of(Kafka.class, KafkaNodePool.class, KafkaTopic.class)) {
            kinds.put(STRIMZI + " " + HasMetadata.getKind(type), type);
        }
        return Map.copyOf(kinds);
    }

    /** The models keep what they do not know for later; here that is an error. */
    private static final class KnownFieldsOnly extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated member) {
            return false;
        }
    }
}
