package dev.hearth.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.gateway.usage.Shares.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static final long MILLI = 1_000_000;
    private static final long SLICE = Shares.SLICE_NANOS;

    private static Span millis(long from, long to) {
        return new Span(from * MILLI, (to - from) * MILLI);
    }

    private static long sum(List<Shares.Share> shares) {
        return shares.stream().mapToLong(Shares.Share::nanos).sum();
    }

    private static List<Long> sums(Shares.Result result) {
        return result.shares().stream().map(SharesTest::sum).toList();
    }

    @Test
    void of_requestAlone_hasAllOfItsSlice() {
        Shares.Result result = Shares.of(List.of(millis(0, 100)), List.of(millis(0, 3)));
        assertThat(sums(result)).containsExactly(SLICE);
        assertThat(result.nobodys()).containsExactly(0);
    }

    @Test
    void of_twoRequests_inProportionToTheirTime_toTheNanosecond() {
        Shares.Result result =
                Shares.of(List.of(millis(0, 100)), List.of(millis(50, 100), millis(0, 100)));
        assertThat(sums(result)).containsExactly(33_333_333L, 66_666_667L);
    }

    @Test
    void of_threeAlike_remainderGoesToTheFirst() {
        Shares.Result result =
                Shares.of(
                        List.of(millis(0, 100)),
                        List.of(millis(0, 30), millis(0, 30), millis(0, 30)));
        assertThat(sums(result)).containsExactly(33_333_334L, 33_333_333L, 33_333_333L);
    }

    @Test
    void of_longRequestAndShortOnes_eachSliceIsSharedByItself() {
        Shares.Result result =
                Shares.of(
                        List.of(millis(0, 100), millis(100, 300)),
                        List.of(millis(0, 300), millis(150, 200)));
        assertThat(sums(result)).containsExactly(3 * SLICE - 33_333_333L, 33_333_333L);
        assertThat(result.shares().getFirst()).hasSize(2);
    }

    @Test
    void of_noRequest_isNobodys() {
        Shares.Result result =
                Shares.of(List.of(millis(0, 100), millis(1000, 1100)), List.of(millis(1020, 1030)));
        assertThat(result.nobodys()).containsExactly(SLICE, 0);
    }

    @Test
    void of_requestOfNoTime_hasItsSlice() {
        Shares.Result result = Shares.of(List.of(millis(0, 100)), List.of(millis(50, 50)));
        assertThat(sums(result)).containsExactly(SLICE);
    }

    @Test
    void of_anything_addsUpExactly() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<Span> billed = new ArrayList<>();
            long at = random.nextLong(1_000_000_000_000L);
            long all = 0;
            for (int i = 0; i < 20; i++) {
                at += random.nextInt(3) == 0 ? random.nextLong(SLICE) : 0;
                long nanos = (1 + random.nextInt(4)) * SLICE;
                billed.add(new Span(at, nanos));
                at += nanos;
                all += nanos;
            }
            long begin = billed.getFirst().from();
            List<Span> requests = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                requests.add(
                        new Span(
                                begin - SLICE + random.nextLong(at - begin + SLICE),
                                random.nextLong(5 * SLICE)));
            }

            Shares.Result result = Shares.of(billed, requests);

            long shared = sums(result).stream().mapToLong(Long::longValue).sum();
            for (int i = 0; i < billed.size(); i++) {
                shared += result.nobodys()[i];
            }
            assertThat(shared).isEqualTo(all);
            assertThat(sums(result)).allMatch(nanos -> nanos >= 0);
        }
    }
}
