package dev.hearth.autoscaler.keepalive;

/**
 * How long a revision was idle each time before its next request, in whole minutes without one.
 * About 12 KiB. Not thread-safe.
 */
public final class IdleTimes {
    /** A day in minutes; longer times count as this long. */
    public static final int LONGEST = 24 * 60;

    /** An idle time says something about those from about half as long to twice as long. */
    private static final double REACH = 0.6;

    private final float[] counts = new float[LONGEST + 1];
    private final float[] around = new float[LONGEST + 1];
    private double all;

    /** One more; one that lasted no whole minute is none. */
    public void add(int minutes) {
        if (minutes < 0) {
            throw new IllegalArgumentException("idle for " + minutes + " minutes");
        }
        if (minutes == 0) {
            return;
        }
        int lasted = Math.min(minutes, LONGEST);
        counts[lasted]++;
        all++;
        spread(lasted);
    }

    /** All of the other's too. */
    public void addAll(IdleTimes other) {
        for (int minute = 0; minute <= LONGEST; minute++) {
            counts[minute] += other.counts[minute];
            around[minute] += other.around[minute];
        }
        all += other.all;
    }

    /** A triangle over the logarithm of the time, one in all. */
    private void spread(int lasted) {
        int from = Math.max(1, (int) Math.ceil(lasted * Math.exp(-REACH)));
        int to = Math.min(LONGEST, (int) Math.floor(lasted * Math.exp(REACH)));
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
    double all() {
        return all;
    }

    /** How many lasted exactly so long. */
    double at(int minutes) {
        return counts[minutes];
    }

    /** How many lasted about so long; over all minutes as many as there were. */
    double around(int minutes) {
        return around[minutes];
    }
}
