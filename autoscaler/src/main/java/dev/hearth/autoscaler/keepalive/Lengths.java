package dev.hearth.autoscaler.keepalive;

import java.util.Arrays;

/** How many idle times lasted how long, in minutes up to {@link IdleTimes#LONGEST}. */
final class Lengths {
    static final Lengths NONE = new Lengths();

    /** An idle time says something about those from about half as long to twice as long. */
    private static final double REACH = 0.6;

    private float[] counts = new float[0];
    private float[] around = new float[0];
    private double count;

    void add(int lasted) {
        int from = Math.max(1, (int) Math.ceil(lasted * Math.exp(-REACH)));
        int to = Math.min(IdleTimes.LONGEST, (int) Math.floor(lasted * Math.exp(REACH)));
        reach(to);
        counts[lasted]++;
        count++;
        spread(lasted, from, to);
    }

    void addAll(Lengths other) {
        reach(other.counts.length - 1);
        for (int minute = 0; minute < other.counts.length; minute++) {
            counts[minute] += other.counts[minute];
            around[minute] += other.around[minute];
        }
        count += other.count;
    }

    private void reach(int longest) {
        if (longest >= counts.length) {
            counts = Arrays.copyOf(counts, longest + 1);
            around = Arrays.copyOf(around, longest + 1);
        }
    }

    /** A triangle over the logarithm of the time, one in all. */
    private void spread(int lasted, int from, int to) {
        double sum = 0;
        for (int minute = from; minute <= to; minute++) {
            sum += nearness(minute, lasted);
        }
        for (int minute = from; minute <= to; minute++) {
            around[minute] += (float) (nearness(minute, lasted) / sum);
        }
    }

    private static double nearness(int minute, int lasted) {
        return Math.max(0, 1 - Math.abs(Math.log((double) minute / lasted)) / REACH);
    }

    /** How many there were. */
    double count() {
        return count;
    }

    /** How many lasted exactly so long. */
    double at(int minutes) {
        return minutes < counts.length ? counts[minutes] : 0;
    }

    /** How many lasted about so long; over all minutes as many as there were. */
    double around(int minutes) {
        return minutes < around.length ? around[minutes] : 0;
    }
}
