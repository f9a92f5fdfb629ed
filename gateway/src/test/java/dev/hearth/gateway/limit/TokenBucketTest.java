package dev.hearth.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.RateLimit;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    /** The example of the class's own words. */
    @Test
    void burstOfThree_twoASecond_theFourthWaitsHalfASecond() {
        TokenBucket bucket = new TokenBucket(RateLimit.parse("2/s,burst=3"), 0);
        assertThat(bucket.take(0)).isZero();
        assertThat(bucket.take(0)).isZero();
        assertThat(bucket.take(0)).isZero();
        assertThat(bucket.take(0)).isEqualTo(SECOND / 2);
        assertThat(bucket.take(SECOND / 2 - 1)).isEqualTo(1);
        assertThat(bucket.take(SECOND / 2)).isZero();
        assertThat(bucket.take(SECOND / 2)).isEqualTo(SECOND / 2);
    }

    @ParameterizedTest
    @CsvSource({"1/s", "7/s,burst=3", "100/m,burst=40", "500/h", "1000000/s,burst=1"})
    void randomArrivals_anyWindow_neverMoreThanBurstAndRate(String text) {
        RateLimit limit = RateLimit.parse(text);
        Random random = new Random(42);
        // the clock's values may wrap in the middle
        long start = Long.MAX_VALUE - 3 * limit.per().toNanos() / Math.max(1, limit.requests());
        TokenBucket bucket = new TokenBucket(limit, start);
        long interval = limit.per().toNanos() / limit.requests();
        long[] admitted = new long[4000];
        int count = 0;
        long now = start;
        for (int i = 0; i < 4000; i++) {
            now += (long) (random.nextDouble() * random.nextInt(4) * interval);
            if (bucket.take(now) == 0) {
                admitted[count++] = now;
            }
        }
        assertThat(count).isGreaterThan(limit.burst() > 1 ? 1000 : 500);
        for (int first = 0; first < count; first++) {
            for (int last = first; last < count; last += 17) {
                double seconds = (admitted[last] - admitted[first]) / (double) SECOND;
                double allowed =
                        limit.burst() + seconds * limit.requests() / limit.per().toSeconds();
                assertThat(last - first + 1.0).isLessThanOrEqualTo(allowed + 1e-6);
            }
        }
    }

    @Test
    void twoThreads_oneBurst_admitExactlyTheBurst() throws Exception {
        TokenBucket bucket = new TokenBucket(RateLimit.parse("1/h,burst=50000"), 0);
        Callable<Integer> taking =
                () -> {
                    int taken = 0;
                    for (int i = 0; i < 40_000; i++) {
                        taken += bucket.take(0) == 0 ? 1 : 0;
                    }
                    return taken;
                };
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> one = threads.submit(taking);
            Future<Integer> other = threads.submit(taking);
            assertThat(one.get() + other.get()).isEqualTo(50_000);
        }
    }
}
