package dev.hearth.gateway.usage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * From counting to the ledger: now and then a record of every meter that has moved. Meters that an
 * earlier process left are written down to their end at the start.
 */
public final class UsageLog implements Metering, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(UsageLog.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Meters meters;
    private final Ledger ledger;
    private final Clock clock;
    private final Map<Meter, Long> written = new HashMap<>();
    private final List<Meter> ending = new ArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("usage-log").factory());

    private UsageLog(Meters meters, Ledger ledger, Clock clock) {
        this.meters = meters;
        this.ledger = ledger;
        this.clock = clock;
    }

    /**
     * @param directory of its own
     */
    public static UsageLog open(Path directory, Clock clock) throws IOException {
        Meters meters = Meters.open(directory.resolve("meters"));
        UsageLog log = new UsageLog(meters, Ledger.open(directory), clock);
        for (Meter left : meters.left()) {
            log.written.put(left, -1L);
            log.ending.add(left);
        }
        log.write();
        return log;
    }

    Ledger ledger() {
        return ledger;
    }

    /** Begins to write records every so often. */
    public void start(Duration every) {
        thread.scheduleWithFixedDelay(
                this::writeSafely, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A scheduled task that throws is never run again; a full disk must not end the count. */
    private void writeSafely() {
        try {
            write();
            ledger.force();
        } catch (IOException | RuntimeException e) {
            LOG.errorf(
                    "usage cannot be written down (%s); it goes on being counted, and is written as soon"
                            + " as that works",
                    e.getMessage());
        }
    }

    @Override
    public synchronized Meter begin(RevisionSpec revision) {
        Meter meter = meters.begin(revision);
        written.put(meter, 0L);
        return meter;
    }

    @Override
    public synchronized void end(Meter meter) {
        if (written.containsKey(meter)) {
            ending.add(meter);
        }
    }

    /** Writes a record of every meter that has moved since its last one. */
    synchronized void write() throws IOException {
        List<String> records = new ArrayList<>();
        Map<Meter, Long> moved = new HashMap<>();
        for (Map.Entry<Meter, Long> entry : written.entrySet()) {
            Meter meter = entry.getKey();
            long sum = meter.requests() + meter.billedNanos() + meter.egressBytes();
            if (sum != entry.getValue() && sum > 0) {
                records.add(text(meter));
                moved.put(meter, sum);
            }
        }
        ledger.append(records);
        written.putAll(moved);
        for (Meter over : ending) {
            written.remove(over);
            meters.end(over);
        }
        ending.clear();
    }

    private String text(Meter meter) {
        try {
            return JSON.writeValueAsString(
                    new UsageRecord(
                            Topics.SCHEMA,
                            meter.id().toString(),
                            meter.nextSequence(),
                            UsageRecord.DEFAULT_PROJECT,
                            meter.service(),
                            meter.revision(),
                            clock.now().toEpochMilli(),
                            meter.cpuMillis(),
                            meter.memoryBytes(),
                            meter.requests(),
                            meter.billedNanos() / NANOS_PER_MILLI,
                            meter.egressBytes()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of values always becomes JSON", e);
        }
    }

    /** Writes what is left. What is counted after that is written by the next start. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
            write();
            ledger.close();
        } catch (IOException e) {
            LOG.errorf("the last usage is in the meters' file only: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
