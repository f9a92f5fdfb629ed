package dev.hearth.catalog;

import static dev.hearth.catalog.Stages.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.store.UsageStore;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.UsagePort.By;
import dev.hearth.contracts.UsagePort.Line;
import dev.hearth.contracts.UsagePort.Used;
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
import java.util.OptionalLong;
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
    private static final Caller CFO = new Caller("cfo", Role.ADMIN, ProjectName.DEFAULT);
    private static final String METER = new UUID(1, 1).toString();

    @Inject UsageStore store;
    @Inject UsagePort usage;
    @Inject TaskUsagePort tasks;
    @Inject BudgetPort budgets;
    @Inject AuditPort audit;
    @Inject Room room;

    @BeforeEach
    void empty() throws SQLException {
        room.start();
        try (Connection c =
                        PostgresServer.running().server().getPostgresDatabase().getConnection();
                Statement s = c.createStatement()) {
            s.execute("truncate usage_meters, usage_hours, usage_tasks");
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
                requests * 1000,
                requests * 50,
                service.equals("whole"));
    }

    private void take(UsageRecord... records) {
        done(store.take(List.of(records)).subscribeAsCompletionStage());
    }

    private List<Line> lines(By by) {
        return done(
                usage.usage(
                        new UsagePort.Query(
                                ProjectName.DEFAULT,
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
        assertThat(hours).extracting(l -> l.used().requests()).containsExactly(15L, 25L);
        assertThat(hours)
                .extracting(l -> l.begin().orElseThrow())
                .containsExactly(NOON, NOON.plusSeconds(3600));
        Used all = lines(By.SERVICE).getFirst().used();
        assertThat(all.requests()).isEqualTo(40);
        assertThat(all.billed().seconds()).isEqualByComparingTo("8");
        assertThat(all.billed().vcpuSeconds()).isEqualByComparingTo("4");
        assertThat(all.billed().gibSeconds()).isEqualByComparingTo("4");
        assertThat(all.idle().seconds()).isEqualByComparingTo("2");
        assertThat(all.idle().vcpuSeconds()).isEqualByComparingTo("1");
        assertThat(all.idle().gibSeconds()).isEqualByComparingTo("1");
        assertThat(all.billing()).isEqualTo(Billing.REQUEST);
        // 4 × 0.000024 + 4 × 0.0000025 + 2.5e-6 + 2.5e-6 + 40 × 0.4e-6, exactly
        assertThat(Prices.LIST.cost(all)).isEqualByComparingTo("0.000127");
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

        assertThat(lines(By.SERVICE).getFirst().used().requests()).isEqualTo(total);
        assertThat(lines(By.HOUR).stream().mapToLong(l -> l.used().requests()).sum())
                .isEqualTo(total);
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

        assertThat(lines(By.SERVICE).getFirst().used().requests()).isEqualTo(30);
    }

    @Test
    void take_billedByInstance_isSaidAndPricedSo() {
        take(record("whole", METER, 1, NOON, 10));
        Used used = lines(By.SERVICE).getFirst().used();
        assertThat(used.billing()).isEqualTo(Billing.INSTANCE);
        // 1 vCPU-s × 0.000018 + 1 GiB-s × 0.000002; its requests cost nothing
        assertThat(Prices.LIST.cost(used)).isEqualByComparingTo("0.00002");
    }

    @Test
    void budget_ofTheProject_isKept() {
        done(budgets.budget(CFO, Budget.parse("25.50,stop")));
        assertThat(done(budgets.budgets()))
                .containsEntry(ProjectName.DEFAULT, Budget.parse("25.50,stop"));
        done(budgets.budget(CFO, Budget.NONE));
        assertThat(done(budgets.budgets())).containsEntry(ProjectName.DEFAULT, Budget.NONE);
        AuditPort.Entry told =
                done(audit.entries(
                                new AuditPort.Query(
                                        Optional.empty(),
                                        "cfo",
                                        "project-budget",
                                        "",
                                        OptionalLong.empty(),
                                        1)))
                        .entries()
                        .getFirst();
        assertThat(told.action()).isEqualTo("change");
        assertThat(told.before().orElseThrow()).contains("25.50,stop");
        assertThat(told.after().orElseThrow()).contains("none");
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
                                        ProjectName.DEFAULT,
                                        Optional.of(new ServiceName("other")),
                                        NOON,
                                        Instant.parse("2026-02-01T00:00:00Z"),
                                        By.SERVICE)));
        assertThat(january).isEmpty();
    }

    // ---- items of jobs

    private static UsageRecord attempt(int task, long sequence, Instant at, long billedMillis) {
        return new UsageRecord(
                        1,
                        new UUID(7, task).toString(),
                        sequence,
                        "default",
                        "job--nightly",
                        "nightly-abcde",
                        at.toEpochMilli(),
                        500,
                        512L << 20,
                        0,
                        billedMillis,
                        0,
                        0,
                        true)
                .of(
                        task,
                        1,
                        NOON.plusSeconds(task).toEpochMilli(),
                        billedMillis - 1,
                        sequence == Long.MAX_VALUE ? 3 : UsageRecord.NO_STATUS);
    }

    private List<TaskUsagePort.Attempt> attempts(Instant from, Instant to) {
        return done(tasks.attempts(ofNightly(from, to)));
    }

    private static UsagePort.Query ofNightly(Instant from, Instant to) {
        return new UsagePort.Query(
                ProjectName.DEFAULT,
                Optional.of(new ServiceName("job--nightly")),
                from,
                to,
                By.SERVICE);
    }

    /** Told by anybody, in any order and any number of times: items and bill are the same. */
    @Test
    void attempts_ofEachHour_addUpToTheBill_howeverTheyAreTold() {
        Instant one = NOON.plus(Duration.ofHours(1));
        Instant two = NOON.plus(Duration.ofHours(2));
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            List<UsageRecord> told = new ArrayList<>();
            for (int task = 0; task < 3; task++) {
                for (int k = 1; k <= 5; k++) {
                    told.add(attempt(task, k * 1000L, NOON.plusSeconds(k * 1200L), k * 1_000L));
                }
                told.add(attempt(task, Long.MAX_VALUE, NOON.plusSeconds(6900), 60_000));
            }
            told.addAll(told.subList(random.nextInt(told.size()), told.size()));
            if (round > 0) {
                Collections.shuffle(told, random);
            }
            emptied();
            told.forEach(this::take);

            assertThat(attempts(NOON, two))
                    .hasSize(3)
                    .allSatisfy(
                            a -> {
                                assertThat(a.used().billed().seconds()).isEqualByComparingTo("60");
                                assertThat(a.number()).isEqualTo(1);
                                assertThat(a.execution()).isEqualTo("nightly-abcde");
                                assertThat(a.status()).contains(3);
                                assertThat(a.ranMillis()).isEqualTo(59_999);
                            });
            assertThat(attempts(NOON, two))
                    .extracting(TaskUsagePort.Attempt::task)
                    .containsExactly(0, 1, 2);
            for (Instant hour : List.of(NOON, one)) {
                Instant next = hour.plus(Duration.ofHours(1));
                assertThat(
                                attempts(hour, next).stream()
                                        .map(TaskUsagePort.Attempt::used)
                                        .reduce(Used.nothing(Billing.INSTANCE), Used::plus)
                                        .billed()
                                        .seconds())
                        .isEqualByComparingTo(
                                done(usage.usage(ofNightly(hour, next))).stream()
                                        .map(Line::used)
                                        .reduce(Used.nothing(Billing.INSTANCE), Used::plus)
                                        .billed()
                                        .seconds());
            }
        }
    }

    @Test
    void attempts_ofServices_thereAreNone() {
        take(record(METER, 1, NOON, 10));
        assertThat(
                        done(
                                tasks.attempts(
                                        new UsagePort.Query(
                                                ProjectName.DEFAULT,
                                                Optional.of(new ServiceName("hello")),
                                                NOON,
                                                NOON.plusSeconds(3600),
                                                By.SERVICE))))
                .isEmpty();
    }

    private void emptied() {
        try {
            empty();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
