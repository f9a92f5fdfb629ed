package dev.hearth.autoscaler.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hearth.autoscaler.observe.DayBefore;
import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ScalingPort;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * What was learned of pauses survives a restart: the day that the log of demand keeps is read
 * again, in the background, up to where {@link LookBack} goes on.
 */
@Singleton
class Recollection {
    private static final Logger LOG = Logger.getLogger(Recollection.class);

    private final ScalingLog log;
    private final Observations observations;
    private final Json json = new Json();

    @Inject
    Recollection(ScalingLog log, Observations observations) {
        this.log = log;
        this.observations = observations;
    }

    /**
     * Reads a partition of the demand of the day before {@code now}; returns at once.
     *
     * @param end offset of what is read by somebody else
     */
    void begin(TopicPartition partition, long end, Instant now) {
        Thread.ofVirtual()
                .name("recollection-" + partition)
                .start(() -> read(partition, end, now.minus(ScalingPort.KEPT)));
    }

    private void read(TopicPartition partition, long end, Instant from) {
        DayBefore day = new DayBefore(observations.most());
        boolean whole = true;
        try {
            log.read(partition, from, end, text -> observe(day, text));
        } catch (HearthException e) {
            whole = false; // the newest part is missing: what there is tells all the same
            LOG.infof("of pauses in %s not all is known again: %s", partition, e.sentence());
        }
        day.pasts(whole).forEach(observations::remember);
    }

    /** What cannot be read was told of when it came. */
    private void observe(DayBefore day, String text) {
        if (DayBefore.isOfInterest(text)) {
            try {
                day.observe(json.sample(text));
            } catch (JsonProcessingException | HearthException e) {
                LOG.debugf("an old sample is passed over: %s", e.getMessage());
            }
        }
    }
}
