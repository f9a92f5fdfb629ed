package dev.hearth.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.UsageRecord;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    private static void use(Meter meter) {
        meter.request(1000);
        meter.billed(SECOND / 10);
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

        assertThat(unsent()).hasSize(66).allMatch(r -> r.requests() == 1);
        log = UsageLog.open(directory, clock);
        assertThat(unsent()).hasSize(66);
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
