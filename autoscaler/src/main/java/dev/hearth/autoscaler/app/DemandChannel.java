package dev.hearth.autoscaler.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Topics;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.Record;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Demand and instances' reports in, decisions out; some also by the clock. What cannot be read is
 * counted, put aside on {@link Topics#DEAD_LETTERS} with the reason, and passed over: it never
 * holds up what comes after it.
 *
 * <p>What was written before this autoscaler was given a partition is only learned from: whoever
 * had it then has decided about it. See {@link LookBack}.
 */
@ApplicationScoped
class DemandChannel {
    private static final Logger LOG = Logger.getLogger(DemandChannel.class);

    /** One line for the first unreadable message, then one for every so many. */
    private static final int LOG_EVERY = 1_000;

    private static final Duration LOOK_AHEAD = Duration.ofSeconds(1);

    private final Observations observations;
    private final Json json = new Json();
    private final LookBack lookBack;
    private final Emitter<String> deadLetters;
    private long unreadable;

    @Inject
    DemandChannel(
            @Identifier(LookBack.NAME) LookBack lookBack,
            Observations observations,
            @Channel("dead-letters-out") @OnOverflow(OnOverflow.Strategy.DROP)
                    Emitter<String> deadLetters) {
        this.lookBack = lookBack;
        this.observations = observations;
        this.deadLetters = deadLetters;
    }

    /**
     * Messages rather than bare payloads, so that one without a payload cannot end the stream;
     * acknowledged first, so that a decision that cannot be sent does not come back as a sample.
     */
    @Incoming("demand-in")
    @Outgoing("decisions-out")
    @Acknowledgment(Acknowledgment.Strategy.PRE_PROCESSING)
    Multi<Message<Record<String, String>>> decide(Multi<Message<String>> messages) {
        Multi<Record<String, String>> answers =
                messages.map(this::decided).filter(Optional::isPresent).map(Optional::get);
        return Multi.createBy().merging().streams(answers, ahead()).map(Message::of);
    }

    /**
     * Starts ahead of requests, by the clock; a second in which Kafka takes none is passed over.
     */
    private Multi<Record<String, String>> ahead() {
        return Multi.createFrom()
                .ticks()
                .every(LOOK_AHEAD)
                .onOverflow()
                .drop()
                .onItem()
                .transformToIterable(second -> expected())
                .map(this::record);
    }

    /** A stream that fails is over; one bad look must not end all decisions. */
    private List<Decision> expected() {
        try {
            return observations.expected();
        } catch (RuntimeException e) {
            LOG.error("looking ahead for requests failed", e);
            return List.of();
        }
    }

    private Record<String, String> record(Decision decision) {
        try {
            return Record.of(decision.revision(), json.text(decision));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a decision always becomes JSON", e);
        }
    }

    private Optional<Record<String, String>> decided(Message<String> message) {
        IncomingKafkaRecordMetadata<?, ?> origin =
                message.getMetadata(IncomingKafkaRecordMetadata.class).orElseThrow();
        @Nullable String text = message.getPayload();
        try {
            if (origin.getTopic().equals(Topics.INSTANCES)) {
                observations.observe(json.report(text));
                return Optional.empty();
            }
            Optional<Decision> decision = observations.observe(json.sample(text));
            if (decision.isEmpty() || lookBack.isPast(origin)) {
                return Optional.empty();
            }
            return Optional.of(record(decision.get()));
        } catch (JsonProcessingException e) {
            putAside(text, origin, e.getOriginalMessage());
        } catch (HearthException e) {
            putAside(text, origin, e.sentence());
        }
        return Optional.empty();
    }

    private void putAside(
            @Nullable String text, IncomingKafkaRecordMetadata<?, ?> origin, String why) {
        if (lookBack.isPast(origin)) {
            return; // it was put aside when it came
        }
        if (unreadable++ % LOG_EVERY == 0) {
            LOG.warnf(
                    "passed over %d unreadable messages, the last one on %s: %s",
                    unreadable, origin.getTopic(), why);
        }
        String place = origin.getTopic() + "/" + origin.getPartition() + "/" + origin.getOffset();
        deadLetters.send(
                Message.of(text == null ? "" : text)
                        .addMetadata(
                                OutgoingKafkaRecordMetadata.<String>builder()
                                        .withKey(place)
                                        .withHeaders(
                                                new RecordHeaders()
                                                        .add("reason", why.getBytes(UTF_8)))
                                        .build())
                        .withNack(lost -> CompletableFuture.completedFuture(null)));
    }
}
