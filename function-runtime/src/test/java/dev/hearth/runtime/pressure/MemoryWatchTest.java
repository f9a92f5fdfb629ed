package dev.hearth.runtime.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.testing.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryWatchTest {
    private static final long GIB = 1L << 30;

    @TempDir Path proc;
    private final ManualClock clock = new ManualClock();

    private void memory(long availableKib) throws IOException {
        Files.writeString(
                proc.resolve("meminfo"),
                "MemTotal:       10000000 kB\nMemFree:            1 kB\nMemAvailable:   %d kB\n"
                        .formatted(availableKib));
    }

    private void stalled(long micros) throws IOException {
        Files.createDirectories(proc.resolve("pressure"));
        Files.writeString(
                proc.resolve("pressure/memory"),
                "some avg10=1.00 avg60=0.20 avg300=0.05 total=%d\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"
                        .formatted(micros));
    }

    /** Of 100 GiB; what is asked for is what is missing to a tenth. */
    @ParameterizedTest
    @CsvSource({
        "50, 0.00, false", // plenty
        "50, 0.90, false", // somebody stands still for a limit of its own
        "19, 0.05, false", // low, and nobody minds
        "19, 0.11, true", // low, and felt
        "4, 0.00, true", // so little that it need not be felt
    })
    void wanted_availableGibAndStalls(long available, double stalled, boolean isShort) {
        assertThat(MemoryWatch.wanted(available * GIB, 100 * GIB, stalled) > 0).isEqualTo(isShort);
    }

    @Test
    void wanted_littleLeft_asMuchAsIsMissingToATenth() {
        assertThat(MemoryWatch.wanted(4 * GIB, 100 * GIB, 0) / GIB).isBetween(5L, 6L);
    }

    @Test
    void wanted_nothingCanBeRead_nothing() {
        assertThat(new MemoryWatch(proc, clock).wanted()).isZero();
    }

    /** A second of ten in which processes stood still is no pressure, half of one is. */
    @Test
    void wanted_stallsSinceTheLastLook_count() throws IOException {
        memory(1_500_000);
        stalled(5_000_000);
        MemoryWatch watch = new MemoryWatch(proc, clock);
        clock.advance(Duration.ofSeconds(1));
        stalled(5_050_000); // 5 %
        assertThat(watch.wanted()).isZero();
        clock.advance(Duration.ofSeconds(1));
        stalled(5_550_000); // 50 %
        assertThat(watch.wanted()).isPositive();
        clock.advance(Duration.ofSeconds(1));
        assertThat(watch.wanted()).isZero(); // over
    }

    @Test
    void wanted_kernelWithoutPressureStall_byWhatIsAvailable() throws IOException {
        memory(1_500_000);
        MemoryWatch watch = new MemoryWatch(proc, clock);
        assertThat(watch.wanted()).isZero();
        memory(400_000);
        assertThat(watch.wanted()).isEqualTo(600_000L * 1024);
    }
}
