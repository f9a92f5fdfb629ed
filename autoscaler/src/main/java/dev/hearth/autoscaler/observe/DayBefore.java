package dev.hearth.autoscaler.observe;

import dev.hearth.autoscaler.decide.Pauses;
import dev.hearth.contracts.DemandSample;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pauses of those revisions that learn from them, out of the log of demand, in bounded memory:
 * of too many revisions the longest silent ones are left out. Not thread-safe.
 */
public final class DayBefore {
    /** By which a sample of a revision that learns is known before it is read as a whole. */
    private static final String LEARNS = "\"idleMillis\":0,";

    private final Map<String, Seen> revisions = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;

    private static final class Seen {
        private final Pauses pauses = new Pauses();
        private DemandSample last;

        Seen(DemandSample first) {
            this.last = first;
        }
    }

    /**
     * @param most revisions that are kept
     */
    public DayBefore(int most) {
        this.most = most;
    }

    /** Whether the text of a sample is worth being read. */
    public static boolean isOfInterest(String text) {
        return text.contains(LEARNS);
    }

    /** Takes a sample in; each revision's in order of time. */
    public void observe(DemandSample sample) {
        if (sample.bounds().idleMillis() != 0) {
            return;
        }
        Seen seen = revisions.computeIfAbsent(sample.revision(), r -> new Seen(sample));
        seen.pauses.observe(sample);
        seen.last = sample;
        if (revisions.size() > most) {
            revisions.remove(revisions.keySet().iterator().next());
        }
    }

    /** What it comes to; the longest silent revision first. */
    public List<Past> pasts(boolean whole) {
        return revisions.values().stream()
                .map(seen -> new Past(seen.last, seen.pauses, whole))
                .toList();
    }
}
