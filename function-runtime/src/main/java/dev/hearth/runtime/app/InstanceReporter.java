package dev.hearth.runtime.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.Room;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;

/**
 * Tells the autoscaler what the node's instances use. With the broker away reports are dropped: the
 * next ones make up for them.
 */
@ApplicationScoped
public class InstanceReporter implements Room {
    private static final Logger LOG = Logger.getLogger(InstanceReporter.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As often as gateways tell of demand. */
    private static final long PAUSE_MILLIS = 500;

    private final NodeAgent node;
    private final Emitter<String> reports;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("instance-reports").factory());

    @Inject
    InstanceReporter(
            NodeAgent node,
            @Channel("instances-out") @OnOverflow(OnOverflow.Strategy.DROP)
                    Emitter<String> reports) {
        this.node = node;
        this.reports = reports;
    }

    @Override
    public Step step() {
        return Step.SCALING;
    }

    @Override
    public void start() {
        thread.scheduleWithFixedDelay(
                this::report, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A scheduled task that throws is never run again; one bad look must not end them all. */
    private void report() {
        try {
            for (InstanceReport report : node.reports()) {
                send(report);
            }
        } catch (RuntimeException | JsonProcessingException e) {
            LOG.error("telling of the node's instances failed", e);
        }
    }

    private void send(InstanceReport report) throws JsonProcessingException {
        reports.send(
                Message.of(JSON.writeValueAsString(report))
                        .addMetadata(
                                OutgoingKafkaRecordMetadata.<String>builder()
                                        .withKey(report.key())
                                        .build())
                        .withNack(dropped -> CompletableFuture.completedFuture(null)));
    }

    @Override
    public void stop() {
        thread.shutdownNow();
    }
}
