package dev.hearth.gateway.usage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.Topics;
import dev.hearth.contracts.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final long MILLIS_PER_HOUR = 3_600_000;

    /** A file has room for what comes meanwhile, many times over. */
    private static final long PREPARE_MILLIS = 1000;

    private final Meters meters;
    private final Ledger ledger;
    private final Clock clock;
    private final Items items;
    private final Map<MeterSlot, Long> written = new HashMap<>();
    private final Set<Meter> counting = new HashSet<>();
    private boolean noItems;

    /** Of the hour before, whom somebody may be in the midst of counting in. */
    private final List<MeterSlot> turned = new ArrayList<>();

    /** Whose last record is the next one. */
    private final List<MeterSlot> ending = new ArrayList<>();

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("usage-log").factory());

    private UsageLog(Meters meters, Ledger ledger, Items items, Clock clock) {
        this.items = items;
        this.meters = meters;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Without items. */
    static UsageLog open(Path directory, Clock clock) throws IOException {
        return open(directory, Duration.ZERO, 0, clock);
    }

    /**
     * @param directory of its own
     * @param kept how long items are; not at all when it is zero
     * @param itemBytes of disk that they have, about
     */
    public static UsageLog open(Path directory, Duration kept, long itemBytes, Clock clock)
            throws IOException {
        Meters meters = Meters.open(directory.resolve("meters"));
        Ledger ledger = Ledger.open(directory);
        Items items = Items.open(directory, new Items.Retention(kept, itemBytes), clock);
        UsageLog log = new UsageLog(meters, ledger, items, clock);
        for (MeterSlot left : meters.left()) {
            log.written.put(left, -1L);
            log.ending.add(left);
        }
        log.write();
        return log;
    }

    /** The bill, request by request. */
    public ItemisedBill itemised() {
        return new ItemisedBill(items);
    }

    /** Items that found no room, because so many came at once. */
    public long itemsLost() {
        return items.lost();
    }

    Ledger ledger() {
        return ledger;
    }

    /** Begins to write records every so often. */
    public void start(Duration every) {
        thread.scheduleWithFixedDelay(
                this::writeSafely, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(
                this::prepareSafely, PREPARE_MILLIS, PREPARE_MILLIS, TimeUnit.MILLISECONDS);
    }

    void prepareItems() throws IOException {
        items.prepare();
    }

    private void prepareSafely() {
        try {
            prepareItems();
            noItems = false;
        } catch (IOException | RuntimeException e) {
            if (!noItems) {
                noItems = true;
                LOG.errorf(
                        "there is no room for the bill's items (%s); they are left out until there is",
                        e.getMessage());
            }
        }
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
        Meter meter = new Meter(revision, slot(revision, hour()), items);
        counting.add(meter);
        return meter;
    }

    private MeterSlot slot(RevisionSpec revision, long hour) {
        MeterSlot slot = meters.begin(revision, hour);
        written.put(slot, 0L);
        return slot;
    }

    private long hour() {
        return clock.now().toEpochMilli() / MILLIS_PER_HOUR;
    }

    @Override
    public synchronized void end(Meter meter) {
        if (counting.remove(meter)) {
            ending.add(meter.slot());
        }
    }

    /**
     * Writes a record of every meter that has moved since its last one. When the hour turns, meters
     * count elsewhere from then on; who was in the midst of counting has until the next call.
     */
    synchronized void write() throws IOException {
        turn();
        List<String> records = new ArrayList<>();
        Map<MeterSlot, Long> moved = new HashMap<>();
        for (Map.Entry<MeterSlot, Long> entry : written.entrySet()) {
            MeterSlot meter = entry.getKey();
            long sum = meter.sum();
            if (sum != entry.getValue() && sum > 0) {
                records.add(text(meter));
                moved.put(meter, sum);
            }
        }
        ledger.append(records);
        written.putAll(moved);
        for (MeterSlot over : ending) {
            written.remove(over);
            meters.end(over);
        }
        ending.clear();
        ending.addAll(turned);
        turned.clear();
    }

    private void turn() {
        long hour = hour();
        for (Meter meter : counting) {
            if (meter.slot().hour() != hour && meters.hasRoom()) {
                turned.add(meter.turn(slot(meter.revision(), hour)));
            }
        }
    }

    /** A record is of its meter's hour, also when it is written after it. */
    private long atMillis(MeterSlot meter) {
        long now = clock.now().toEpochMilli();
        long begin = meter.hour() * MILLIS_PER_HOUR;
        return meter.hour() == 0 ? now : Math.clamp(now, begin, begin + MILLIS_PER_HOUR - 1);
    }

    private String text(MeterSlot meter) {
        ServiceName service = new ServiceName(meter.service());
        return text(
                new UsageRecord(
                        Topics.SCHEMA,
                        meter.id().toString(),
                        meter.nextSequence(),
                        service.project().value(),
                        service.label(),
                        meter.revision(),
                        atMillis(meter),
                        meter.cpuMillis(),
                        meter.memoryBytes(),
                        meter.requests(),
                        meter.billedNanos() / NANOS_PER_MILLI,
                        meter.egressBytes(),
                        meter.idleNanos() / NANOS_PER_MILLI,
                        meter.isByInstance()));
    }

    /** Writes a record of something that has no meter here. */
    public void record(UsageRecord record) throws IOException {
        ledger.append(List.of(text(record)));
    }

    private static String text(UsageRecord record) {
        try {
            return JSON.writeValueAsString(record);
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
