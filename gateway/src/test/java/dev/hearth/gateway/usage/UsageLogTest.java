package dev.hearth.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.UsageRecord;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageLogTest {
    private static final long SECOND = 1_000_000_000;

    @TempDir private Path directory;
    private final ManualClock clock = new ManualClock();
    private UsageLog log;

    @BeforeEach
    void open() throws IOException {
        log = UsageLog.open(directory, clock);
    }

    /** Everything that is to be sent, as it is read back. */
    private List<UsageRecord> unsent() throws IOException {
        List<UsageRecord> records = new ArrayList<>();
        for (String line : log.ledger().unsent().lines()) {
            records.add(new ObjectMapper().readValue(line, UsageRecord.class));
        }
        return records;
    }

    /** Everything that was ever written, in order. */
    private List<UsageRecord> written() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
        }
        List<UsageRecord> records = new ArrayList<>();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                records.add(new ObjectMapper().readValue(line, UsageRecord.class));
            }
        }
        return records;
    }

    private Meter begin(String service) {
        return log.begin(Revisions.of(service, 80, 10));
    }

    private void use(Meter meter) {
        Tab tab = meter.tab(InstanceId.of(1));
        long now = clock.nanos();
        tab.request(now, now + SECOND / 20, 200, 1000);
        tab.billed(now, SECOND / 10);
    }

    @Test
    void write_meterThatMoved_oneRecordOfAllItCounted() throws Exception {
        Meter meter = begin("hello");
        begin("idle");
        use(meter);
        use(meter);
        log.write();
        log.write(); // nothing has moved
        clock.advance(Duration.ofSeconds(10));
        use(meter);
        log.write();

        List<UsageRecord> records = unsent();
        assertThat(records).hasSize(2);
        UsageRecord last = records.getLast();
        assertThat(last.service()).isEqualTo("hello");
        assertThat(last.revision()).isEqualTo("hello-00001-abc");
        assertThat(last.sequence()).isEqualTo(2);
        assertThat(last.requests()).isEqualTo(3);
        assertThat(last.billedMillis()).isEqualTo(300);
        assertThat(last.egressBytes()).isEqualTo(3000);
        assertThat(last.cpuMillis()).isEqualTo(1000);
        assertThat(last.memoryBytes()).isEqualTo(512L << 20);
        assertThat(last.atMillis()).isEqualTo(clock.now().toEpochMilli());
    }

    /** As after kill -9: nobody closed anything, and nothing was written since the last record. */
    @Test
    void open_afterAKill_whatWasCountedIsWritten() throws Exception {
        Meter meter = begin("hello");
        use(meter);
        log.write();
        use(meter);
        use(begin("other"));

        log = UsageLog.open(directory, clock);

        List<UsageRecord> records = written();
        assertThat(records).hasSize(3);
        UsageRecord hello = records.get(1);
        UsageRecord other = records.get(2);
        if (hello.service().equals("other")) {
            UsageRecord swap = hello;
            hello = other;
            other = swap;
        }
        assertThat(hello.meter()).isEqualTo(records.getFirst().meter());
        assertThat(hello.sequence()).isEqualTo(2);
        assertThat(hello.requests()).isEqualTo(2);
        assertThat(other.requests()).isEqualTo(1);

        // what is counted from now on is another count
        Meter again = begin("hello");
        use(again);
        log.write();
        assertThat(written().getLast().meter()).isNotEqualTo(hello.meter());
        assertThat(written().getLast().requests()).isEqualTo(1);
        log = UsageLog.open(directory, clock);
        assertThat(written()).hasSize(5);
    }

    @Test
    void write_hourHasTurned_recordsAreOfTheHourThatWasCountedIn() throws Exception {
        clock.advance(Duration.ofMinutes(59));
        Meter meter = begin("hello");
        use(meter);
        use(meter);
        clock.advance(Duration.ofMinutes(2)); // nothing was written since
        log.write();
        use(meter);
        log.write();
        log.write();
        log.close();

        List<UsageRecord> records = written();
        assertThat(records).extracting(UsageRecord::requests).containsExactly(2L, 1L);
        Instant hour = Instant.parse("2026-01-01T01:00:00Z");
        assertThat(records.getFirst().atMillis()).isLessThan(hour.toEpochMilli());
        assertThat(records.getLast().atMillis()).isGreaterThan(hour.toEpochMilli());
        assertThat(records.getFirst().meter()).isNotEqualTo(records.getLast().meter());
        // the first one's slot is nobody's now
        log = UsageLog.open(directory, clock);
        assertThat(written()).hasSize(2 + 1);
    }

    @Test
    void write_wasInTheMidstOfCountingWhenTheHourTurned_isWrittenToo() throws Exception {
        Meter meter = begin("hello");
        MeterSlot before = meter.slot();
        clock.advance(Duration.ofHours(1));
        log.write();
        before.addRequest();
        log.write();

        assertThat(unsent()).extracting(UsageRecord::requests).containsExactly(1L);
        assertThat(unsent().getFirst().atMillis() / 3_600_000).isEqualTo(before.hour());
    }

    @Test
    void write_billedByInstanceAndIdle_isSaid() throws Exception {
        Meter meter = log.begin(Revisions.billed(Revisions.of("hello", 80, 10), Billing.INSTANCE));
        meter.tab(InstanceId.of(1)).idle(0, SECOND);
        log.write();

        assertThat(unsent().getFirst().byInstance()).isTrue();
        assertThat(unsent().getFirst().idleMillis()).isEqualTo(1000);
    }

    /** Of each meter its last record says everything, however often it is read. */
    @Test
    void written_readFromTheStart_isAllThatWasCounted() throws Exception {
        long requests = 0;
        for (int run = 0; run < 3; run++) {
            Meter meter = begin("hello");
            for (int i = 0; i < 50; i++) {
                use(meter);
                requests++;
                if (i % 7 == 0) {
                    clock.advance(Duration.ofMinutes(7));
                    log.write();
                }
            }
            log = UsageLog.open(directory, clock); // as after a kill
        }
        for (int reading = 0; reading < 2; reading++) {
            Map<String, UsageRecord> last = new HashMap<>();
            written().forEach(r -> last.put(r.meter(), r));
            assertThat(last.values().stream().mapToLong(UsageRecord::requests).sum())
                    .isEqualTo(requests);
            assertThat(last.values().stream().mapToLong(UsageRecord::billedMillis).sum())
                    .isEqualTo(requests * 100);
        }
    }

    @Test
    void end_meter_lastRecordAndItsSlotIsUsedAgain() throws Exception {
        for (int i = 0; i < Meters.MOST + 10; i++) {
            Meter meter = begin("hello");
            if (i % 1000 == 0) {
                use(meter);
            }
            log.end(meter);
            if (i % 100 == 0) {
                log.write();
            }
        }
        log.write();

        assertThat(unsent()).hasSize(Meters.MOST / 1000 + 1).allMatch(r -> r.requests() == 1);
        log = UsageLog.open(directory, clock);
        assertThat(unsent()).hasSize(Meters.MOST / 1000 + 1);
    }

    @Test
    void sentUpTo_place_restIsUnsentAfterARestartToo() throws Exception {
        Meter meter = begin("hello");
        use(meter);
        log.write();
        log.ledger().sentUpTo(log.ledger().unsent().end());
        assertThat(unsent()).isEmpty();
        use(meter);
        log.write();
        assertThat(unsent()).hasSize(1);

        log.close();
        log = UsageLog.open(directory, clock);

        assertThat(unsent().getFirst().sequence()).isEqualTo(2);
        log.ledger().sentUpTo(log.ledger().unsent().end());
        log = UsageLog.open(directory, clock);
        assertThat(unsent()).allMatch(r -> r.sequence() > 2);
    }

    @Test
    void unsent_lineThatWasCutShort_isPassedOver() throws Exception {
        use(begin("hello"));
        log.write();
        Path file;
        try (Stream<Path> files = Files.list(directory)) {
            file = files.filter(f -> f.toString().endsWith(".jsonl")).findFirst().orElseThrow();
        }
        Files.writeString(file, "{\"schema\":1,\"met", StandardOpenOption.APPEND);
        Files.writeString(directory.resolve("sent"), "no place at all");

        log = UsageLog.open(directory, clock);

        List<UsageRecord> records = unsent();
        assertThat(records).hasSize(1);
        log.ledger().sentUpTo(log.ledger().unsent().end());
        assertThat(unsent()).hasSize(1); // what the restart wrote, in the next file
        log.ledger().sentUpTo(log.ledger().unsent().end());
        assertThat(unsent()).isEmpty();
    }
}
