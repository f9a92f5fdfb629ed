package dev.hearth.autoscaler.observe;

import dev.hearth.autoscaler.decide.Life;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.InstanceReport;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The demand of all revisions of late, and the decisions that follow from it.
 *
 * <p>Eviction: a revision that was silent for an hour, or for a day when its pauses say how long it
 * is kept, and had no instance is forgotten, and the longest silent one when there are too many.
 * What is forgotten begins anew: its idle time counts from its next sample.
 *
 * <p>Gateways send a sample every 500 ms for every revision that has instances, so that a silent
 * one has none to decide about, or a gateway that is away and could not act. What is left for
 * {@link #expected} is to start some ahead of their requests.
 *
 * <p>Concurrency: one lock; a sample takes some microseconds.
 */
public final class Observations {
    static final Duration FORGET_AFTER = Duration.ofHours(1);
    static final Duration FORGET_LEARNED_AFTER = Duration.ofDays(1);

    /** What a busy revision takes at two ticks a second, and a little more. */
    private static final long BYTES_EACH = 32 << 10;

    private static final int LEAST_MOST = 2_000;

    private final Clock clock;
    private final int most;

    /** Longest silent first. */
    private final LinkedHashMap<String, Observed> revisions =
            new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);

    /**
     * @param most revisions that are remembered
     */
    public Observations(Clock clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    /** How many revisions fit in a quarter of a heap; 2 000 at least. */
    public static int mostFor(long heapBytes) {
        return (int) Math.clamp(heapBytes / 4 / BYTES_EACH, LEAST_MOST, Integer.MAX_VALUE);
    }

    /** How many revisions may be remembered. */
    public int most() {
        return most;
    }

    /** The decision that a sample leads to; none for one that came late or twice. */
    public synchronized Optional<Decision> observe(DemandSample sample) {
        long now = clock.nanos();
        Observed observed = revisions.computeIfAbsent(sample.revision(), r -> new Observed(sample));
        observed.heardNanos = now;
        Optional<Decision> decision = observed.life.observe(sample);
        keepFew();
        return decision;
    }

    /** Starts ahead of requests that are expected soon; to be asked every second. */
    public synchronized List<Decision> expected() {
        forget();
        long now = clock.now().toEpochMilli();
        return revisions.values().stream().flatMap(o -> o.life.expect(now).stream()).toList();
    }

    /** What a revision's samples of the last day say of its pauses. */
    public synchronized void remember(Past past) {
        String revision = past.last().revision();
        Observed observed = revisions.get(revision);
        if (observed == null) {
            DemandSample last = atRest(past.last());
            observed = new Observed(last);
            observed.heardNanos = clock.nanos();
            observed.life.observe(last);
            revisions.put(revision, observed);
            keepFew();
        }
        observed.life.remember(past.pauses(), past.whole());
    }

    /** What it had then is gone, or is heard of again. */
    private static DemandSample atRest(DemandSample s) {
        return new DemandSample(
                s.schema(),
                s.revision(),
                s.atMillis(),
                s.spanMillis(),
                0,
                0,
                0,
                0,
                0,
                0,
                s.startMillis(),
                s.bounds());
    }

    /** Takes in what an instance used; of a revision without any demand yet it is passed over. */
    public synchronized void observe(InstanceReport report) {
        Observed observed = revisions.get(report.revision());
        if (observed != null) {
            observed.life.observe(report);
        }
    }

    /** How many revisions are remembered. */
    public synchronized int size() {
        return revisions.size();
    }

    private void forget() {
        long now = clock.nanos();
        revisions.values().removeIf(o -> !o.life.hasInstances() && o.isSilent(now));
    }

    private void keepFew() {
        Iterator<Observed> longestSilent = revisions.values().iterator();
        while (revisions.size() > most) {
            longestSilent.next();
            longestSilent.remove();
        }
    }

    private static final class Observed {
        private final Life life;
        private long heardNanos;

        Observed(DemandSample first) {
            this.life = new Life(first);
        }

        boolean isSilent(long nowNanos) {
            Duration after = life.learns() ? FORGET_LEARNED_AFTER : FORGET_AFTER;
            return nowNanos - heardNanos > after.toNanos();
        }
    }
}
