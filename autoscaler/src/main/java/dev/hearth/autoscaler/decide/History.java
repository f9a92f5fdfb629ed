package dev.hearth.autoscaler.decide;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A revision's demand, second by second: the last minute as it came, so that a tick that arrives
 * late or twice changes nothing it should not, and of the time before only what later decisions
 * need ({@link Progress}, and a stable window's seconds for the averages).
 *
 * <p>Memory: at most a minute and a stable window of seconds. Not thread-safe.
 */
public final class History {
    /** How late a tick may arrive and still count in full. */
    static final int OPEN_SECONDS = 60;

    /** More ticks than any gateway sends within a second; more are passed over. */
    static final int MOST_TICKS = 64;

    private final NavigableMap<Long, Second> seconds = new TreeMap<>();
    private Progress closed = Progress.NONE;

    /**
     * Takes a tick in, and is true if it is the newest: worth a decision. One that was there
     * already is passed over. One from before the open minute means that the gateway's clock was
     * set back: history begins anew with it.
     */
    public boolean add(Tick tick, Spec spec) {
        long index = Second.indexOf(tick.atMillis());
        if (!seconds.isEmpty() && index <= seconds.lastKey() - OPEN_SECONDS) {
            seconds.clear();
            closed = Progress.NONE;
        }
        boolean newest = seconds.isEmpty() || tick.atMillis() > newest().atMillis();
        Second second = seconds.get(index);
        if (second == null) {
            seconds.put(index, Second.of(tick));
        } else if (!second.has(tick.atMillis()) && second.ticks().size() < MOST_TICKS) {
            seconds.put(index, second.with(tick));
        }
        close(spec);
        return newest;
    }

    public boolean isEmpty() {
        return seconds.isEmpty();
    }

    /** The newest tick; there is none before the first {@link #add}. */
    public Tick newest() {
        return seconds.lastEntry().getValue().last();
    }

    /** Where all ticks so far lead to. */
    Progress progress(Spec spec) {
        Progress progress = closed;
        for (Second second : seconds.tailMap(closed.second(), false).values()) {
            progress = progress.then(second, seconds, spec);
        }
        return progress;
    }

    private void close(Spec spec) {
        long newest = seconds.lastKey();
        for (Second second :
                seconds.subMap(closed.second(), false, newest - OPEN_SECONDS, true).values()) {
            closed = closed.then(second, seconds, spec);
        }
        seconds.headMap(newest - OPEN_SECONDS - spec.rules().windowSeconds(), true).clear();
    }
}
