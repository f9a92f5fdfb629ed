package dev.hearth.bench.keepalive;

import java.util.BitSet;

/**
 * The hybrid histogram policy of Shahrad et al., "Serverless in the Wild" (USENIX ATC 2020, section
 * 4), with its parameters: bins of a minute over four hours, unloaded until the 5th percentile of
 * the idle times less 10 %, kept until the 99th and 10 % more; four hours for functions whose
 * histogram says nothing, because it is too flat (coefficient of variation of the bins below 2), or
 * because most idle times were out of its bounds. For the latter the paper forecasts with ARIMA, of
 * which a day of minutes has too few to try.
 */
record HybridHistogram() implements Policy {
    private static final int BINS = 240;
    private static final double HEAD = 0.05;
    private static final double TAIL = 0.99;
    private static final double MARGIN = 0.10;
    private static final double LEAST_VARIATION = 2;
    private static final double MOST_BEYOND = 0.5;

    @Override
    public String name() {
        return "hybrid histogram";
    }

    @Override
    public Keeper keeper(double gib) {
        return new Histogram();
    }

    private static final class Histogram implements Keeper {
        private final int[] bins = new int[BINS + 1];
        private int within;
        private int beyond;

        @Override
        public void ended(int minutes) {
            if (minutes <= BINS) {
                bins[minutes]++;
                within++;
            } else {
                beyond++;
            }
        }

        @Override
        public BitSet minutes(int horizon) {
            int from = 1;
            int to = BINS;
            if (saysSomething()) {
                // a bin holds what lasted that many minutes: the head is rounded down, the tail up
                int unloaded = (int) Math.floor(percentile(HEAD) * (1 - MARGIN));
                from = unloaded + 1;
                to = (int) Math.ceil(percentile(TAIL) * (1 + MARGIN));
            }
            BitSet there = new BitSet();
            there.set(Math.min(from, horizon + 1), Math.min(to, horizon) + 1);
            return there;
        }

        private boolean saysSomething() {
            if (within == 0 || beyond > MOST_BEYOND * (within + beyond)) {
                return false;
            }
            double mean = within / (double) BINS;
            double squares = 0;
            for (int i = 1; i <= BINS; i++) {
                squares += (bins[i] - mean) * (bins[i] - mean);
            }
            return Math.sqrt(squares / BINS) / mean >= LEAST_VARIATION;
        }

        private int percentile(double share) {
            int seen = 0;
            for (int i = 1; i <= BINS; i++) {
                seen += bins[i];
                if (seen >= share * within) {
                    return i;
                }
            }
            return BINS;
        }
    }
}
