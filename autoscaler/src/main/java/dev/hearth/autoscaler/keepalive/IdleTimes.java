package dev.hearth.autoscaler.keepalive;

import java.util.HashMap;
import java.util.Map;

/**
 * How long a revision was idle each time before its next request, in whole minutes without one; all
 * of them, and those that came after two idle times like its last two. Some KiB, since a day has
 * room for few long ones. Not thread-safe.
 */
public final class IdleTimes {
    /** A day in minutes; longer times count as this long. */
    public static final int LONGEST = 24 * 60;

    private final Lengths all = new Lengths();
    private final Map<Before, Lengths> after = new HashMap<>();
    private Before before = new Before(0, 0);

    /**
     * The two idle times before one, by their magnitude: a power of two of minutes; 0 for none.
     * What alternates is told apart by one, what comes in bursts of three by both.
     */
    private record Before(int last, int lastButOne) {
        Before then(int minutes) {
            return new Before(Integer.SIZE - Integer.numberOfLeadingZeros(minutes), last);
        }
    }

    /** One more; one that lasted no whole minute is none. */
    public void add(int minutes) {
        if (minutes < 0) {
            throw new IllegalArgumentException("idle for " + minutes + " minutes");
        }
        if (minutes == 0) {
            return;
        }
        int lasted = Math.min(minutes, LONGEST);
        all.add(lasted);
        after.computeIfAbsent(before, b -> new Lengths()).add(lasted);
        before = before.then(lasted);
    }

    /** All of the other's too, which were before these. */
    public void addAll(IdleTimes earlier) {
        if (all.count() == 0) {
            before = earlier.before;
        }
        all.addAll(earlier.all);
        earlier.after.forEach(
                (b, lengths) -> after.computeIfAbsent(b, x -> new Lengths()).addAll(lengths));
    }

    /** All that there were. */
    Lengths all() {
        return all;
    }

    /** Those that came after two that were like the last two. */
    Lengths afterSuch() {
        return after.getOrDefault(before, Lengths.NONE);
    }
}
