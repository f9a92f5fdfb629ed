package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.catalog.store.UsageStore;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.UsagePort.By;
import dev.hearth.contracts.UsagePort.Line;
import dev.hearth.contracts.UsageRecord;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bill, in a real PostgreSQL. */
@QuarkusTest
@QuarkusTestResource(PostgresServer.class)
class UsageTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private static final String METER = new UUID(1, 1).toString();

    @Inject UsageStore store;
    @Inject UsagePort usage;
    @Inject Room room;

    @BeforeEach
    void empty() throws SQLException {
        room.start();
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            s.execute("truncate usage_meters, usage_hours");
        }
    }

    private static UsageRecord record(String meter, long sequence, Instant at, long requests) {
        return record("hello", meter, sequence, at, requests);
    }

    /** A record of 500m and half a GiB: 200 ms and 1000 bytes each request. */
    private static UsageRecord record(
            String service, String meter, long sequence, Instant at, long requests) {
        return new UsageRecord(
                1,
                meter,
                sequence,
                "default",
                service,
                service + "-00001-abc",
                at.toEpochMilli(),
                500,
                512L << 20,
                requests,
                requests * 200,
                requests * 1000);
    }

    private void take(UsageRecord... records) {
        done(store.take(List.of(records)).subscribeAsCompletionStage());
    }

    private List<Line> lines(By by) {
        return done(
                usage.usage(
                        new UsagePort.Query(
                                Optional.empty(),
                                NOON.minus(Duration.ofDays(2)),
                                NOON.plus(Duration.ofDays(2)),
                                by)));
    }

    @Test
    void take_growingCounts_sumsByTheHour() {
        take(record(METER, 1, NOON.plusSeconds(10), 10));
        take(
                record(METER, 2, NOON.plusSeconds(20), 15),
                record(METER, 3, NOON.plusSeconds(3600), 40));

        List<Line> hours = lines(By.HOUR);
        assertThat(hours).extracting(Line::requests).containsExactly(15L, 25L);
        assertThat(hours)
                .extracting(l -> l.begin().orElseThrow())
                .containsExactly(NOON, NOON.plusSeconds(3600));
        Line all = lines(By.SERVICE).getFirst();
        assertThat(all.requests()).isEqualTo(40);
        assertThat(all.billedSeconds()).isEqualTo(8);
        assertThat(all.vcpuSeconds()).isCloseTo(4, within(1e-9));
        assertThat(all.gibSeconds()).isCloseTo(4, within(1e-9));
        assertThat(all.egressBytes()).isEqualTo(40_000);
    }

    @Test
    void take_anyOrderAndAnyNumberOfTimes_sameTotal() {
        Random random = new Random(1);
        List<UsageRecord> records = new ArrayList<>();
        long total = 0;
        for (int meter = 0; meter < 5; meter++) {
            long count = 0;
            for (int i = 1; i <= 30; i++) {
                count += random.nextInt(100);
                String id = new UUID(7, meter).toString();
                records.add(record(id, i, NOON.plusSeconds(i * 60L), count));
            }
            total += count;
        }
        for (int round = 0; round < 3; round++) {
            Collections.shuffle(records, random);
            take(records.toArray(UsageRecord[]::new));
        }

        assertThat(lines(By.SERVICE).getFirst().requests()).isEqualTo(total);
        assertThat(lines(By.HOUR).stream().mapToLong(Line::requests).sum()).isEqualTo(total);
    }

    @Test
    void take_byTwoAtOnce_countedOnce() {
        List<CompletionStage<Void>> takes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            takes.add(
                    store.take(List.of(record(METER, 1, NOON, 10), record(METER, 2, NOON, 30)))
                            .subscribeAsCompletionStage());
        }
        CompletableFuture.allOf(
                        takes.stream()
                                .map(CompletionStage::toCompletableFuture)
                                .toArray(CompletableFuture[]::new))
                .join();

        assertThat(lines(By.SERVICE).getFirst().requests()).isEqualTo(30);
    }

    @Test
    void usage_byEach_asAsked() {
        take(
                record("hello", METER, 1, NOON, 10),
                record("other", new UUID(2, 2).toString(), 1, NOON.plusSeconds(86_400), 5));

        assertThat(lines(By.REVISION))
                .extracting(Line::revision)
                .containsExactly("hello-00001-abc", "other-00001-abc");
        assertThat(lines(By.DAY))
                .extracting(l -> l.begin().orElseThrow())
                .containsExactly(
                        Instant.parse("2026-01-31T00:00:00Z"),
                        Instant.parse("2026-02-01T00:00:00Z"));
        List<Line> january =
                done(
                        usage.usage(
                                new UsagePort.Query(
                                        Optional.of(new ServiceName("other")),
                                        NOON,
                                        Instant.parse("2026-02-01T00:00:00Z"),
                                        By.SERVICE)));
        assertThat(january).isEmpty();
    }
}
