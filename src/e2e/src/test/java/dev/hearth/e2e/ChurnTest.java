package dev.hearth.e2e;

import dev.hearth.bench.churn.Census;
import dev.hearth.bench.churn.Cycles;
import dev.hearth.bench.churn.Measure;
import dev.hearth.bench.churn.Subject;
import dev.hearth.bench.platform.Admin;
import dev.hearth.contracts.Clock;
import dev.hearth.testing.Eventually;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The churn scenario of {@code hearth bench churn}, small: what can be counted exactly. Memory and
 * disk need ten thousand cycles before a leak stands out of the noise; the bench looks at those.
 */
@Tag("root")
class ChurnTest {
    private static final int CYCLES = 300;
    private static final int WARM_UP = 40;
    private static final int WIDTH = 4;
    private static final Duration SETTLED = Duration.ofSeconds(60);
    private static final Set<Measure> COUNTED = EnumSet.range(Measure.MOUNTS, Measure.JVM_THREADS);

    @Test
    void startAndStop_hundredsOfTimes_leavesNothingBehind() throws Exception {
        try (Platform platform = new Platform()) {
            platform.up();
            try (Admin admin = Admin.of(platform.adminPort, platform.data.resolve("admin-token"))) {
                Subject subject = Subject.of(platform.data, platform.pid());
                Cycles cycles =
                        new Cycles(platform.httpPort, admin, Platform.HELLO, WIDTH, Clock.system());
                cycles.run(WARM_UP);
                Census before = standing(subject);
                cycles.run(CYCLES);
                Eventually.until(
                        "everything that a start makes is gone",
                        SETTLED,
                        () -> census(subject).grown(before, CYCLES).isEmpty());
            }
        }
    }

    /** Once two censuses agree: the slots are made again, and what was stopped is taken apart. */
    private static Census standing(Subject subject) throws Exception {
        AtomicReference<Census> last = new AtomicReference<>(Census.ofObjects(subject));
        Eventually.until(
                "the platform is at rest",
                SETTLED,
                () -> {
                    Census now = census(subject);
                    Census before = last.getAndSet(now);
                    return now.growth(before, Measure.PROCESSES) == 0
                            && now.growth(before, Measure.CGROUPS) == 0
                            && now.growth(before, Measure.LINKS) == 0;
                });
        return last.get();
    }

    private static Census census(Subject subject) {
        try {
            return Census.ofObjects(subject);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
