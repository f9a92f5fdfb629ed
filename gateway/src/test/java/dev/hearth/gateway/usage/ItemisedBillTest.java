package dev.hearth.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.UsagePort.Used;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ItemisedBillTest {
    private static final long MILLI = 1_000_000;
    private static final long DISK = 1L << 30;
    private static final InstanceId INSTANCE = InstanceId.of(1);

    @TempDir private Path directory;
    private final ManualClock clock = new ManualClock();
    private UsageLog log;

    @BeforeEach
    void open() throws IOException {
        log = UsageLog.open(directory, Duration.ofDays(7), DISK, clock);
    }

    private Tab tab() {
        return tab("hello");
    }

    private Tab tab(String service) {
        return log.begin(Revisions.of(service, 80, 10)).tab(INSTANCE);
    }

    private List<ItemisedBill.Line> lines(String service) {
        long hour = clock.now().getEpochSecond() / 3600;
        return log.itemised().lines(service, hour - 100, hour + 1);
    }

    private static long nanos(Used used) {
        return used.billed().seconds().movePointRight(9).longValueExact();
    }

    @Test
    void lines_requestsShareASlice_andTheRestIsTheInstances() {
        Tab tab = tab();
        tab.billed(0, 100 * MILLI); // its start
        tab.billed(1000 * MILLI, 100 * MILLI);
        tab.request(1050 * MILLI, 1100 * MILLI, 503, 20);
        tab.request(1000 * MILLI, 1100 * MILLI, 200, 1000);
        tab.idle(1100 * MILLI, 7);
        tab("other").request(0, 1, 200, 1);

        List<ItemisedBill.Line> lines = lines("hello");

        assertThat(lines)
                .extracting(ItemisedBill.Line::isRequest)
                .containsExactly(false, true, true);
        ItemisedBill.Line first = lines.get(1);
        assertThat(first.instance()).isEqualTo(INSTANCE.value());
        assertThat(first.revision()).isEqualTo("hello-00001-abc");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.nanos()).isEqualTo(100 * MILLI);
        assertThat(first.used().egressBytes()).isEqualTo(1000);
        assertThat(lines).extracting(l -> l.used().requests()).containsExactly(0L, 1L, 1L);
        assertThat(lines)
                .extracting(l -> nanos(l.used()))
                .containsExactly(100 * MILLI, 66_666_667L, 33_333_333L);
        assertThat(lines.getFirst().used().idle().seconds()).isEqualByComparingTo("0.000000007");
    }

    @Test
    void lines_answerThatGoesOn_isTheRequestsWhenItIsOver() {
        Tab tab = tab();
        tab.billed(0, 100 * MILLI);
        tab.egress(5, 4000);
        assertThat(lines("hello")).hasSize(1);
        assertThat(lines("hello").getFirst().used().egressBytes()).isEqualTo(4000);

        tab.request(5, 10, 101, 50);

        assertThat(lines("hello")).hasSize(1);
        assertThat(lines("hello").getFirst().isRequest()).isTrue();
        assertThat(lines("hello").getFirst().used().egressBytes()).isEqualTo(4050);
    }

    /** What each hour's meters counted is what its items add up to, wherever requests begin. */
    @Test
    void lines_requestOverTheTurnOfTheHour_eachHourAddsUp() throws Exception {
        clock.advance(Duration.ofMinutes(59).plusSeconds(59));
        Meter meter = log.begin(Revisions.of("hello", 80, 10));
        Tab tab = meter.tab(INSTANCE);
        long begin = clock.nanos();
        tab.billed(begin, 1000 * MILLI);
        clock.advance(Duration.ofSeconds(1));
        log.write();
        tab.billed(begin + 1000 * MILLI, 500 * MILLI);
        tab.request(begin, begin + 1500 * MILLI, 200, 10);
        long hour = clock.now().getEpochSecond() / 3600;

        List<ItemisedBill.Line> before = log.itemised().lines("hello", hour - 1, hour);
        List<ItemisedBill.Line> after = log.itemised().lines("hello", hour, hour + 1);

        assertThat(before).extracting(l -> nanos(l.used())).containsExactly(1000 * MILLI);
        assertThat(before).extracting(l -> l.used().requests()).containsExactly(0L);
        assertThat(after).extracting(l -> nanos(l.used())).containsExactly(500 * MILLI);
        assertThat(after).extracting(l -> l.used().requests()).containsExactly(1L);
    }

    @Test
    void lines_afterAKill_areThere() throws Exception {
        tab().request(0, 1, 200, 10);
        open();
        tab().request(2, 3, 200, 10);
        assertThat(lines("hello")).hasSize(2);
    }

    @Test
    void put_byManyAtOnce_overManyFiles_allAreThereOnce() throws Exception {
        int threads = 4;
        int each = 150_000; // more than two files
        Meter meter = log.begin(Revisions.of("hello", 80, 10));
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Tab tab = meter.tab(InstanceId.of(t));
                boolean first = t == 0;
                work.add(
                        pool.submit(
                                () -> {
                                    for (int i = 0; i < each; i++) {
                                        if (first && i % 10_000 == 0) {
                                            log.prepareItems();
                                        }
                                        tab.request(i, i + 1, 200, 1);
                                    }
                                    return null;
                                }));
            }
            for (Future<?> one : work) {
                one.get();
            }
        }

        assertThat(items() + log.itemsLost()).isEqualTo((long) threads * each);
        assertThat(log.itemsLost()).isLessThan(each);
        assertThat(meter.requests()).isEqualTo((long) threads * each);
    }

    private List<Path> itemFiles() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(f -> f.getFileName().toString().startsWith("items-")).toList();
        }
    }

    private long files() throws IOException {
        return itemFiles().size();
    }

    private long items() throws IOException {
        AtomicLong count = new AtomicLong();
        for (Path file : itemFiles()) {
            ItemReader.read(file, subject -> true, item -> count.incrementAndGet());
        }
        return count.get();
    }

    @Test
    void prepare_olderThanTheyAreKept_areForgotten() throws Exception {
        for (int day = 0; day < 30; day++) {
            tab().request(clock.nanos(), clock.nanos() + 1, 200, 10);
            clock.advance(Duration.ofDays(1).plusSeconds(1));
            log.prepareItems();
        }
        long hour = clock.now().getEpochSecond() / 3600;
        assertThat(log.itemised().lines("hello", hour - 24 * 40, hour + 1)).hasSize(6);
        assertThat(files()).isLessThanOrEqualTo(10);
    }

    @Test
    void prepare_moreThanTheDiskTheyMayHave_theOldestAreForgotten() throws Exception {
        long bytes = 5L * ItemFile.FILE_BYTES;
        log = UsageLog.open(directory, Duration.ofDays(7), bytes, clock);
        Tab tab = tab();
        for (int i = 0; i < 10 * ItemFile.FILE_BYTES / ItemFile.ITEM_BYTES; i++) {
            tab.request(i, i + 1, 200, 1);
            if (i % 10_000 == 0) {
                log.prepareItems();
            }
        }
        log.prepareItems();
        assertThat(log.itemsLost()).isZero();
        assertThat(files()).isBetween(4L, 5L);
    }

    @Test
    void open_notKept_noFiles() throws Exception {
        tab().request(0, 1, 200, 10);
        log = UsageLog.open(directory, Duration.ZERO, DISK, clock);
        tab().request(0, 1, 200, 10);
        assertThat(files()).isZero();
        assertThat(lines("hello")).isEmpty();
    }
}
