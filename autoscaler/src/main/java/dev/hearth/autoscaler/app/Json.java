package dev.hearth.autoscaler.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hearth.autoscaler.observe.Samples;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.Topics;
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

    /** Throws when it is not the text of a report, or of one that cannot be. */
    InstanceReport report(@Nullable String text) throws JsonProcessingException {
        InstanceReport report = mapper.readValue(text == null ? "" : text, InstanceReport.class);
        if (report == null) {
            throw HearthException.invalid("invalid-report", "an instance's report is null");
        }
        return Samples.checked(report);
    }

    /** Throws when it is not the text of a decision of this version. */
    Decision decision(String text) throws JsonProcessingException {
        Decision decision = mapper.readValue(text, Decision.class);
        if (decision == null || decision.schema() != Topics.SCHEMA) {
            throw HearthException.invalid("invalid-decision", "a decision is of another version");
        }
        return decision;
    }

    String text(Decision decision) throws JsonProcessingException {
        return mapper.writeValueAsString(decision);
    }
}
