package dev.hearth.autoscaler.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.HearthException;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.Record;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Demand samples in, decisions out. A sample that cannot be read is counted and passed over. */
@ApplicationScoped
class DemandChannel {
    private static final Logger LOG = Logger.getLogger(DemandChannel.class);

    /** One line for the first unreadable sample, then one for every so many. */
    private static final int LOG_EVERY = 1_000;

    private final Observations observations = new Observations(Clock.system());
    private final Json json = new Json();
    private long unreadable;

    /**
     * Messages rather than bare payloads, so that one without a payload cannot end the stream;
     * acknowledged first, so that a decision that cannot be sent does not come back as a sample.
     */
    @Incoming("demand-in")
    @Outgoing("decisions-out")
    @Acknowledgment(Acknowledgment.Strategy.PRE_PROCESSING)
    Multi<Message<Record<String, String>>> decide(Multi<Message<String>> samples) {
        return samples.map(sample -> decided(sample.getPayload()))
                .filter(Optional::isPresent)
                .map(Optional::get)
                .map(Message::of);
    }

    private Optional<Record<String, String>> decided(@Nullable String sample) {
        try {
            Optional<Decision> decision = observations.observe(json.sample(sample));
            if (decision.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(Record.of(decision.get().revision(), json.text(decision.get())));
        } catch (JsonProcessingException e) {
            passOver(e.getOriginalMessage());
        } catch (HearthException e) {
            passOver(e.sentence());
        }
        return Optional.empty();
    }

    private void passOver(String why) {
        if (unreadable++ % LOG_EVERY == 0) {
            LOG.warnf("passed over %d unreadable demand samples: %s", unreadable, why);
        }
    }
}
