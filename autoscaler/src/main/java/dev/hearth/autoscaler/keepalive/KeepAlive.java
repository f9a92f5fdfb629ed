package dev.hearth.autoscaler.keepalive;

import java.util.BitSet;

/**
 * Decides minute by minute whether an idle revision is worth its memory.
 *
 * <p>In each minute of idleness an instance that is there saves a cold start exactly if the minute
 * is the last one before a request; one that is not there costs nothing. So the minutes can be
 * decided one by one: it is worth being there when the chance that the idle time ends now, given
 * that it lasted until now (the hazard rate), times what a cold start is worth, is at least the
 * memory held for a minute. Keeping what was used just now and loading ahead what a timer will ask
 * for in an hour are the same rule: minutes may be worth it again after others that were not.
 *
 * <p>The hazard is estimated in steps, each drawn towards the one before it as long as little has
 * been seen. First what holds for revisions at large: a chance that falls with the time that has
 * gone by, {@code scale / minutes^power}. Then how many of this revision's {@link IdleTimes} ended
 * around such a minute, of all and of those after two like its last two; then how many in exactly
 * this one, as a timer's do, of both again. (Idle-time histograms are from Shahrad et al.,
 * "Serverless in the Wild", USENIX ATC 2020; that policy holds one window between two percentiles
 * of it, at any memory.)
 *
 * @param price what a cold start is worth, in GiB-minutes of memory
 * @param trust how many idle times weigh as much as what holds at large
 * @param exactTrust how many weigh as much as those around them
 * @param likeTrust how many after two such weigh as much as those after any
 * @param scale chance that an idle time ends after its first minute, at large
 * @param power how fast it falls
 */
public record KeepAlive(
        double price,
        double trust,
        double exactTrust,
        double likeTrust,
        double scale,
        double power) {

    /**
     * What {@code hearth bench keep-alive} finds on half of the functions of its trace, with a cold
     * start worth as much as one of a second.
     */
    public static final KeepAlive TRAINED = new KeepAlive(86.1, 4, 32, 4, 0.4, 1.0);

    /** The same policy for starts that take so long: twice the wait is worth twice the memory. */
    public KeepAlive forStart(double seconds) {
        return new KeepAlive(price * seconds, trust, exactTrust, likeTrust, scale, power);
    }

    /** Whether an instance is worth being there in a minute of idleness, from 1 on. */
    public boolean isWorth(IdleTimes times, double gib, int minute) {
        return minute <= IdleTimes.LONGEST && minutes(times, gib, minute).get(minute);
    }

    /**
     * The minutes of idleness, from 1 on, in which an instance should be there.
     *
     * @param times what is known of the revision
     * @param gib memory of an instance
     * @param horizon minutes to decide about, {@link IdleTimes#LONGEST} at most
     */
    public BitSet minutes(IdleTimes times, double gib, int horizon) {
        BitSet there = new BitSet(horizon + 1);
        Left all = new Left(times.all());
        Left like = new Left(times.afterSuch());
        for (int minute = 1; minute <= horizon; minute++) {
            double atLarge = Math.min(1, scale / Math.pow(minute, power));
            double hazard = all.around(minute, trust, atLarge);
            hazard = like.around(minute, likeTrust, hazard);
            hazard = all.exactly(minute, exactTrust, hazard);
            hazard = like.exactly(minute, likeTrust, hazard);
            there.set(minute, hazard * price >= gib);
            all.pass(minute);
            like.pass(minute);
        }
        return there;
    }

    /** Those idle times that were not over before a minute. */
    private static final class Left {
        private final Lengths lengths;
        private double exactly;
        private double around; // of those spread over the minutes around

        Left(Lengths lengths) {
            this.lengths = lengths;
            this.exactly = lengths.count();
            this.around = lengths.count();
        }

        double around(int minute, double trust, double otherwise) {
            return (lengths.around(minute) + trust * otherwise) / (Math.max(0, around) + trust);
        }

        double exactly(int minute, double trust, double otherwise) {
            return (lengths.at(minute) + trust * otherwise) / (exactly + trust);
        }

        void pass(int minute) {
            exactly -= lengths.at(minute);
            around -= lengths.around(minute);
        }
    }
}
