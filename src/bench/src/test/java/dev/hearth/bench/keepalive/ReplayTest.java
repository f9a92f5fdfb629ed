package dev.hearth.bench.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final double GIB = 0.5;

    @TempDir Path directory;

    private static Recorded at(int... minutes) {
        return new Recorded("f", minutes, GIB);
    }

    @Test
    void fixed_requestWithinTheTimeIsWarm_andTheTimeIsWasted() {
        Replay replay = Replay.of(new FixedTime(10), List.of(at(0, 1, 12, 30)), 100);
        assertThat(replay.coldStarts()).isEqualTo(2); // the first, and minute 30
        assertThat(replay.wastedGibHours()).isCloseTo((10 + 10 + 10) * GIB / 60, within(1e-9));
        assertThat(replay.rate75()).isEqualTo(0.5);
    }

    @Test
    void fixed_endOfTheDay_endsTheWaste() {
        Replay replay = Replay.of(new FixedTime(60), List.of(at(90)), 100);
        assertThat(replay.wastedGibHours()).isCloseTo(9 * GIB / 60, within(1e-9));
    }

    @Test
    void hybrid_timer_isLoadedAheadOfIt() {
        int[] hourly = new int[24];
        for (int i = 0; i < hourly.length; i++) {
            hourly[i] = i * 60;
        }
        Replay replay = Replay.of(new HybridHistogram(), List.of(at(hourly)), 1440);
        assertThat(replay.coldStarts()).isEqualTo(1);
        // all of the first hour, of the others from nine tenths on
        assertThat(replay.wastedGibHours()).isCloseTo((59 + 23 * 6) * GIB / 60, within(1e-9));
    }

    @Test
    void hybrid_functionOfWhichNothingIsKnown_keptForFourHours() {
        Replay replay = Replay.of(new HybridHistogram(), List.of(at(0)), 1440);
        assertThat(replay.wastedGibHours()).isCloseTo(240 * GIB / 60, within(1e-9));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    @Test
    void trace_read() throws IOException {
        write("memory.csv", "HashApp,SampleCount,AverageAllocatedMb\na,9,512\n");
        write(
                "invocations.csv",
                "HashFunction,HashApp,HashOwner,minute_1,minute_2,minute_3\nf,a,o,2,0,1\ng,a,o,0,0,0\n");
        AzureTrace trace = AzureTrace.read(directory);
        assertThat(trace.minutes()).isEqualTo(3);
        assertThat(trace.functions()).hasSize(1);
        assertThat(trace.functions().getFirst().minutes()).containsExactly(0, 2);
        assertThat(trace.functions().getFirst().gib()).isEqualTo(0.5);
    }

    @Test
    void trace_whatIsNone_saysWhy() throws IOException {
        assertThatThrownBy(() -> AzureTrace.read(directory))
                .isInstanceOf(BenchFailure.class)
                .hasMessageContaining("--trace DIR");
        write("memory.csv", "HashApp,AverageAllocatedMb\n");
        write("invocations.csv", "HashFunction,HashApp,HashOwner,minute_1\nf,a,o,1\n");
        assertThatThrownBy(() -> AzureTrace.read(directory)).hasMessageContaining("lacks its app");
        write("memory.csv", "HashApp,AverageAllocatedMb\na,much\n");
        assertThatThrownBy(() -> AzureTrace.read(directory)).hasMessageContaining("\"much\"");
        write("memory.csv", "HashApp\na\n");
        assertThatThrownBy(() -> AzureTrace.read(directory))
                .hasMessageContaining("no column AverageAllocatedMb");
    }
}
