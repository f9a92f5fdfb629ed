package dev.hearth.gateway.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.BudgetAlert;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Topics;
import dev.hearth.gateway.route.Traffic;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;

/**
 * Demand out, decisions in. With the broker away samples are dropped and counted: they are worth
 * nothing when they are old, and no request may ever wait for Kafka.
 */
@ApplicationScoped
public class KafkaLink {
    private static final Logger LOG = Logger.getLogger(KafkaLink.class);
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final LongAdder unsent = new LongAdder();
    private final AtomicBoolean away = new AtomicBoolean();
    private final LongAdder unreadable = new LongAdder();
    private final Emitter<String> demand;
    private final Emitter<String> alerts;
    private final Traffic traffic;

    @Inject
    KafkaLink(
            @Channel("demand-out") @OnOverflow(OnOverflow.Strategy.DROP) Emitter<String> demand,
            @Channel("alerts-out") @OnOverflow(OnOverflow.Strategy.DROP) Emitter<String> alerts,
            Traffic traffic) {
        this.demand = demand;
        this.alerts = alerts;
        this.traffic = traffic;
    }

    void send(DemandSample sample) {
        try {
            demand.send(
                    Message.of(JSON.writeValueAsString(sample))
                            .addMetadata(
                                    OutgoingKafkaRecordMetadata.<String>builder()
                                            .withKey(sample.revision())
                                            .build())
                            .withAck(this::sent)
                            .withNack(this::lost));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a sample always becomes JSON", e);
        }
    }

    /** Done when the broker has the alert; fails when it has not. */
    CompletionStage<Void> send(BudgetAlert alert) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            alerts.send(
                    Message.of(JSON.writeValueAsString(alert))
                            .addMetadata(
                                    OutgoingKafkaRecordMetadata.<String>builder()
                                            .withKey(alert.project())
                                            .build())
                            .withAck(
                                    () -> {
                                        done.complete(null);
                                        return CompletableFuture.completedFuture(null);
                                    })
                            .withNack(
                                    failure -> {
                                        done.completeExceptionally(failure);
                                        return CompletableFuture.completedFuture(null);
                                    }));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an alert always becomes JSON", e);
        }
        return done;
    }

    private CompletionStage<Void> sent() {
        if (away.compareAndSet(true, false)) {
            LOG.info("Kafka answers again: the autoscaler decides");
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<Void> lost(Throwable failure) {
        unsent.increment();
        if (away.compareAndSet(false, true)) {
            LOG.info("Kafka does not answer (yet): what runs is held, cold starts work");
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Takes a decision; what cannot be read is counted and passed over, once said in the log. */
    @Incoming("decisions-in")
    void decided(String json) {
        try {
            Decision decision = JSON.readValue(json, Decision.class);
            if (decision.schema() == Topics.SCHEMA) {
                traffic.apply(decision);
                return;
            }
        } catch (JsonProcessingException | HearthException e) {
            LOG.debugf("unreadable decision: %s", e.getMessage());
        }
        unreadable.increment();
        if (unreadable.sum() == 1) {
            LOG.warn("a message on " + Topics.DECISIONS + " is not a decision of this version");
        }
    }

    long unsent() {
        return unsent.sum();
    }
}
