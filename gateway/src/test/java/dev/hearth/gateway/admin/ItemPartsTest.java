package dev.hearth.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.AdminApi.ItemBody;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Prices;
import dev.hearth.gateway.usage.Tab;
import dev.hearth.gateway.usage.UsageLog;
import dev.hearth.testing.ManualClock;
import dev.hearth.testing.Revisions;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Items of several gateways, each with a log of its own. */
class ItemPartsTest {
    private static final long MILLI = 1_000_000;

    @TempDir private Path directory;
    private final ManualClock clock = new ManualClock();
    private final List<UsageLog> logs = new ArrayList<>();

    @AfterEach
    void close() {
        logs.forEach(UsageLog::close);
    }

    /** A gateway that is asked by the others only, and had one request every so many ms. */
    private ItemParts gateway(long firstMillis, int requests, ItemParts.Others others)
            throws Exception {
        UsageLog log =
                UsageLog.open(
                        directory.resolve("" + logs.size()), Duration.ofDays(7), 1L << 30, clock);
        Tab tab = log.begin(Revisions.of("hello", 80, 10)).tab(InstanceId.of(logs.size() + 1));
        logs.add(log);
        for (int i = 0; i < requests; i++) {
            long from = (firstMillis + i * 200L) * MILLI;
            tab.request(from, from + 3 * MILLI, 200, 10);
            tab.billed(from, 100 * MILLI);
        }
        return new ItemParts(log.itemised(), Prices.LIST, others, Runnable::run);
    }

    private ItemParts.Question question(int most) {
        long hour = clock.now().getEpochSecond() / 3600;
        return new ItemParts.Question("hello", hour, hour + 1, most);
    }

    private ItemParts threeGateways() throws Exception {
        List<ItemParts> others =
                List.of(
                        gateway(50, 3, ItemParts.Others.NONE),
                        gateway(100, 4, ItemParts.Others.NONE));
        return gateway(
                0,
                2,
                asked ->
                        CompletableFuture.completedFuture(
                                others.stream()
                                        .map(g -> g.answer(asked).toCompletableFuture().join())
                                        .toList()));
    }

    @Test
    void all_ofSeveralGateways_inTheOrderOfTime_addUpExactly() throws Exception {
        ItemParts.Part part = threeGateways().all(question(100)).toCompletableFuture().join();

        assertThat(part.items()).hasSize(9);
        assertThat(part.items().stream().map(i -> Instant.parse(String.valueOf(i.begin()))))
                .isSorted();
        assertThat(part.leftOut()).isNull();
        assertAllOfIt(part.sum());
    }

    /** However few are listed, nothing is lost of the sum. */
    @Test
    void all_moreThanAreListed_theEarliestAreAndTheRestIsSummedUp() throws Exception {
        ItemParts three = threeGateways();
        List<String> begins =
                three.all(question(100)).toCompletableFuture().join().items().stream()
                        .map(i -> String.valueOf(i.begin()))
                        .toList();
        for (int most = 0; most < 9; most++) {
            ItemParts.Part part = three.all(question(most)).toCompletableFuture().join();
            assertThat(part.items().stream().map(i -> String.valueOf(i.begin())))
                    .containsExactlyElementsOf(begins.subList(0, most));
            assertAllOfIt(part.sum());
        }
    }

    private static void assertAllOfIt(ItemBody sum) {
        assertThat(sum.requests()).isEqualTo(9);
        assertThat(sum.billedNanos()).isEqualTo(900 * MILLI);
        assertThat(sum.egressBytes()).isEqualTo(90);
        // 0.9 s of a CPU and half a GiB, and nine requests
        assertThat(sum.cost())
                .isEqualByComparingTo(
                        new BigDecimal("0.9")
                                .multiply(new BigDecimal("0.00002525"))
                                .add(new BigDecimal("0.0000036")));
    }

    @Test
    void answer_noQuestion_isRefused() throws Exception {
        ItemParts one = gateway(0, 1, ItemParts.Others.NONE);
        for (String text : List.of("", "hello", "hello 1 2", "hello 1 2 10001", "hello 1 x 3")) {
            assertThatThrownBy(() -> one.answer(text))
                    .isInstanceOf(HearthException.class)
                    .hasMessageContaining("no question");
        }
    }
}
