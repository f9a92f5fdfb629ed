package dev.hearth.bench.keepalive;

import java.util.BitSet;

/** The same number of minutes for every function. */
record FixedTime(int keptMinutes) implements Policy {
    @Override
    public String name() {
        return "fixed, " + keptMinutes + " min";
    }

    @Override
    public Keeper keeper(double gib) {
        return new Keeper() {
            @Override
            public BitSet minutes(int horizon) {
                BitSet there = new BitSet();
                there.set(1, Math.min(keptMinutes, horizon) + 1);
                return there;
            }

            @Override
            public void ended(int minutes) {}
        };
    }
}
