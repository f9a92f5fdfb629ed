package dev.hearth.catalog.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hearth.catalog.store.UsageStore;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.UsageRecord;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Usage from Kafka into the database. A batch is acknowledged when it is stored; while the database
 * is away it is tried again, for as long as that takes, and nothing behind it is read.
 */
@ApplicationScoped
class UsageIntake {
    private static final Logger LOG = Logger.getLogger(UsageIntake.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final JsonMapper json =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    // a word that is missing is null; a number is 0, as it was before it was told
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();
    private final UsageStore store;
    private long unreadable;

    @Inject
    UsageIntake(UsageStore store) {
        this.store = store;
    }

    @Incoming("usage-in")
    Uni<Void> take(List<String> batch) {
        List<UsageRecord> records = new ArrayList<>();
        for (String text : batch) {
            record(text).ifPresent(records::add);
        }
        if (records.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return store.take(records)
                .onFailure()
                .invoke(f -> LOG.debugf("usage waits for the database: %s", f.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .indefinitely();
    }

    /** Empty for what is no record: it is counted and passed over. */
    private Optional<UsageRecord> record(String text) {
        try {
            UsageRecord r = json.readValue(text, UsageRecord.class);
            if (r != null && isFine(r)) {
                return Optional.of(r);
            }
        } catch (JsonProcessingException | HearthException | IllegalArgumentException e) {
            LOG.debugf("unreadable usage: %s", e.getMessage());
        }
        if (unreadable++ == 0) {
            LOG.warnf("a message on %s is no usage of this version: %.200s", Topics.USAGE, text);
        }
        return Optional.empty();
    }

    private static boolean isFine(UsageRecord r) {
        var _ = UUID.fromString(r.meter());
        ProjectName project = new ProjectName(r.project());
        var _ = ServiceName.of(project, r.service());
        var _ = RevisionName.of(project, r.revision());
        return r.schema() == Topics.SCHEMA
                && r.sequence() > 0
                && r.atMillis() > 0
                && r.cpuMillis() > 0
                && r.memoryBytes() > 0
                && r.requests() >= 0
                && r.billedMillis() >= 0
                && r.egressBytes() >= 0
                && r.idleMillis() >= 0;
    }
}
