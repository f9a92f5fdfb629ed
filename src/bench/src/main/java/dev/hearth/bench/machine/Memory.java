package dev.hearth.bench.machine;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code /proc/meminfo}, settled: a single reading of a machine that does other things too is off
 * by megabytes.
 */
public final class Memory {
    private static final int READINGS = 12;
    private static final int MOST_WINDOWS = 8;
    private static final long STILL_BYTES = 8 << 20;
    private static final Duration APART = Duration.ofMillis(250);

    private Memory() {}

    /**
     * The median of readings over three seconds, once two such windows agree within 8 MiB on what
     * is available, or after eight of them; bytes by the kernel's names.
     */
    public static Map<String, Long> settled() throws InterruptedException {
        Map<String, Long> before = window();
        for (int i = 1; i < MOST_WINDOWS; i++) {
            Map<String, Long> now = window();
            if (Math.abs(available(now) - available(before)) < STILL_BYTES) {
                return now;
            }
            before = now;
        }
        return before;
    }

    /** What could be had without swapping. */
    public static long available(Map<String, Long> memory) {
        return memory.getOrDefault("MemAvailable", 0L);
    }

    private static Map<String, Long> window() throws InterruptedException {
        Map<String, long[]> readings = new LinkedHashMap<>();
        for (int i = 0; i < READINGS; i++) {
            for (Map.Entry<String, Long> line : read().entrySet()) {
                readings.computeIfAbsent(line.getKey(), k -> new long[READINGS])[i] =
                        line.getValue();
            }
            Thread.sleep(APART);
        }
        Map<String, Long> medians = new LinkedHashMap<>();
        readings.forEach(
                (name, values) -> {
                    Arrays.sort(values);
                    medians.put(name, values[READINGS / 2]);
                });
        return medians;
    }

    private static Map<String, Long> read() {
        Map<String, Long> values = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                String[] words = line.split("[:\\s]+");
                if (words.length == 3 && words[2].equals("kB")) {
                    values.put(words[0], Long.parseLong(words[1]) * 1024);
                }
            }
        } catch (IOException e) {
            throw new BenchFailure("/proc/meminfo cannot be read: " + e, e);
        }
        return values;
    }
}
