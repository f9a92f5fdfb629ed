package dev.hearth.bench.report;

import java.util.Arrays;

/** The starts of one contender, sorted; nanoseconds. */
public final class Latencies {
    private final String name;
    private final long[] nanos;

    public Latencies(String name, long... nanos) {
        this.name = name;
        this.nanos = nanos.clone();
        Arrays.sort(this.nanos);
    }

    public String name() {
        return name;
    }

    /**
     * The nearest-rank percentile in milliseconds: of 50 starts, p90 is the 45th and p99 the 50th;
     * NaN when there were none.
     */
    public double millis(double percentile) {
        if (nanos.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(percentile / 100 * nanos.length);
        return nanos[Math.max(0, rank - 1)] / 1e6;
    }

    public int count() {
        return nanos.length;
    }
}
