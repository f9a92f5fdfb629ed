package dev.hearth.runtime.pressure;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at the node's memory: what the kernel could still give (MemAvailable of proc_meminfo(5)),
 * and how long processes stood still for want of it (kernel documentation, accounting/psi), where
 * it counts that. One caller at a time.
 */
public final class MemoryWatch {
    /**
     * Less than that is short by itself; as much again is freed, so that it is not at once again.
     */
    static final int LEAST_PERCENT = 5;

    /**
     * Below that, processes that stand still do so for want of the node's memory. Above it they do
     * for a limit of their own, and an instance less would not help them.
     */
    static final int LOW_PERCENT = 20;

    /** Stood still in more than a tenth of the time, some process is in need. */
    static final double MOST_STALLED = 0.10;

    private static final Pattern SOME_TOTAL = Pattern.compile("some .*total=(\\d+)");

    private final Path meminfo;
    private final Path pressure;
    private final Clock clock;
    private long lookedNanos;
    private long stalledMicros;

    /**
     * @param proc where proc(5) is mounted
     */
    public MemoryWatch(Path proc, Clock clock) {
        this.meminfo = proc.resolve("meminfo");
        this.pressure = proc.resolve("pressure/memory");
        this.clock = clock;
        this.lookedNanos = clock.nanos();
        this.stalledMicros = stalled();
    }

    /** Bytes that should be freed now; 0 when memory is not short. */
    public long wanted() {
        long nowNanos = clock.nanos();
        long nowStalled = stalled();
        double share = (nowStalled - stalledMicros) * 1000.0 / Math.max(1, nowNanos - lookedNanos);
        lookedNanos = nowNanos;
        stalledMicros = nowStalled;
        return wanted(bytes("MemAvailable"), bytes("MemTotal"), share);
    }

    /**
     * @param stalled share of the time in which some process stood still
     */
    static long wanted(long available, long total, double stalled) {
        if (total == 0) {
            return 0; // nothing can be told
        }
        long least = total / 100 * LEAST_PERCENT;
        if (available < least) {
            return 2 * least - available;
        }
        boolean isLow = available < total / 100 * LOW_PERCENT;
        return isLow && stalled > MOST_STALLED ? 1 : 0;
    }

    private long bytes(String key) {
        Matcher matcher = Pattern.compile(key + ": +(\\d+) kB").matcher(text(meminfo));
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
    }

    /** Since the node started; 0 where the kernel does not count it. */
    private long stalled() {
        Matcher matcher = SOME_TOTAL.matcher(text(pressure));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException absent) {
            return "";
        }
    }
}
