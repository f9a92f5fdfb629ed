package dev.hearth.autoscaler.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hearth.autoscaler.observe.Samples;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.HearthException;
import org.jspecify.annotations.Nullable;

/** The messages on Kafka as text. Fields that a newer sender added are passed over. */
final class Json {
    /** Many times what a sample needs. */
    static final int MOST_CHARACTERS = 16 * 1024;

    private final JsonMapper mapper =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    /** Throws when it is not the text of a sample, or of one that cannot be. */
    DemandSample sample(@Nullable String text) throws JsonProcessingException {
        if (text == null) {
            throw HearthException.invalid("invalid-sample", "a demand sample has no text");
        }
        if (text.length() > MOST_CHARACTERS) {
            throw HearthException.invalid(
                    "invalid-sample", "a demand sample has " + text.length() + " characters");
        }
        DemandSample sample = mapper.readValue(text, DemandSample.class);
        if (sample == null) {
            throw HearthException.invalid("invalid-sample", "a demand sample is null");
        }
        return Samples.checked(sample);
    }

    String text(Decision decision) throws JsonProcessingException {
        return mapper.writeValueAsString(decision);
    }
}
