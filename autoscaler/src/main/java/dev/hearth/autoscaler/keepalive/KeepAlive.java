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
 * <p>The hazard is estimated in three steps, each drawn towards the one before it as long as little
 * has been seen: what holds for revisions at large, a chance that falls with the time that has gone
 * by, {@code scale / minutes^power}; how many of this revision's {@link IdleTimes} ended around
 * such a minute; how many in exactly this one, as a timer's do. (Idle-time histograms are from
 * Shahrad et al., "Serverless in the Wild", USENIX ATC 2020; that policy holds one window between
 * two percentiles of it, at any memory.)
 *
 * @param price what a cold start is worth, in GiB-minutes of memory
 * @param trust how many idle times weigh as much as what holds at large
 * @param exactTrust how many weigh as much as those around them
 * @param scale chance that an idle time ends after its first minute, at large
 * @param power how fast it falls
 */
public record KeepAlive(double price, double trust, double exactTrust, double scale, double power) {

    /**
     * What {@code hearth bench keep-alive} finds on half of the functions of its trace, with a cold
     * start worth as much as one of a second.
     */
    public static final KeepAlive TRAINED = new KeepAlive(54.8, 8, 24, 0.4, 0.8);

    /** The same policy for starts that take so long: twice the wait is worth twice the memory. */
    public KeepAlive forStart(double seconds) {
        return new KeepAlive(price * seconds, trust, exactTrust, scale, power);
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
        double lasting = times.all(); // idle times that were not over before this minute
        double lastingAround = times.all(); // the same of those spread over the minutes around
        for (int minute = 1; minute <= horizon; minute++) {
            double atLarge = Math.min(1, scale / Math.pow(minute, power));
            double around =
                    (times.around(minute) + trust * atLarge) / (Math.max(0, lastingAround) + trust);
            double hazard = (times.at(minute) + exactTrust * around) / (lasting + exactTrust);
            there.set(minute, hazard * price >= gib);
            lasting -= times.at(minute);
            lastingAround -= times.around(minute);
        }
        return there;
    }
}
