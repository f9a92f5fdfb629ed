package dev.hearth.autoscaler.explain;

import dev.hearth.autoscaler.decide.Life;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DemandSample.Bounds;
import dev.hearth.contracts.ScalingChange;
import dev.hearth.contracts.ScalingPort.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * A revision's recorded demand under other settings, decided by the same function as then. What the
 * gateway does by itself is done here too: a request that meets no instance starts one, and
 * requests that have no place start as many as give them one. Starts take the time of the next
 * tick; a queue that other settings would have made shorter or longer stays as it was.
 */
public final class Replay {
    /** Of the time that nothing was said about, because there was nothing. */
    private static final long SILENT_TICK_MILLIS = 1000;

    private static final double GIB = 1 << 30;

    private final ScalingChange change;
    private Life life;
    private DemandSample last;
    private int ready;
    private Outcome outcome = Outcome.NONE;

    private Replay(ScalingChange change, DemandSample first) {
        this.change = change;
        this.last = first;
        this.ready = first.instances();
        this.life = new Life(changed(first));
    }

    /**
     * What the samples of one revision come to.
     *
     * @param samples in order of time
     */
    public static Outcome of(List<DemandSample> samples, ScalingChange change) {
        if (samples.isEmpty()) {
            return Outcome.NONE;
        }
        Replay replay = new Replay(change, samples.getFirst());
        replay.step(samples.getFirst());
        for (DemandSample sample : samples.subList(1, samples.size())) {
            replay.silence(sample.atMillis() - sample.spanMillis());
            replay.step(sample);
        }
        return replay.outcome;
    }

    private DemandSample changed(DemandSample s) {
        return new DemandSample(
                s.schema(),
                s.revision(),
                s.atMillis(),
                s.spanMillis(),
                s.concurrency(),
                s.queued(),
                ready,
                0,
                s.arrivals(),
                s.completions(),
                s.startMillis(),
                change.of(s.bounds()));
    }

    /** Until {@code untilMillis} nobody came: only what is there goes on, or is started ahead. */
    private void silence(long untilMillis) {
        long now = last.atMillis() + SILENT_TICK_MILLIS;
        while (now <= untilMillis && (ready > 0 || life.learns())) {
            if (ready == 0 && life.expect(now).isPresent()) {
                ready = 1;
                starts(1, last, change.of(last.bounds()));
            }
            if (ready > 0
                    || life.hasInstances()) { // the last word about one that goes is said, too
                step(silent(now));
            }
            now += SILENT_TICK_MILLIS;
        }
    }

    private DemandSample silent(long atMillis) {
        return new DemandSample(
                last.schema(),
                last.revision(),
                atMillis,
                SILENT_TICK_MILLIS,
                0,
                0,
                0,
                0,
                0,
                0,
                last.startMillis(),
                last.bounds());
    }

    private void step(DemandSample sample) {
        Bounds bounds = change.of(sample.bounds());
        boolean demand = sample.concurrency() > 0 || sample.queued() > 0;
        int before = ready;
        if (demand) {
            ready = Math.max(ready, needed(sample, bounds));
        }
        count(sample, bounds, demand && before == 0, ready - before);
        last = sample;
        Optional<Decision> decision = life.observe(changed(sample));
        if (decision.isPresent() && (ready > 0 || bounds.minInstances() > 0)) {
            int wanted = decision.get().instances();
            if (wanted > ready) {
                starts(wanted - ready, sample, bounds);
            }
            ready = wanted;
        }
    }

    /** As many as the gateway starts by itself: one, or what gives every request a place. */
    private static int needed(DemandSample sample, Bounds bounds) {
        int forPlaces =
                bounds.concurrency() == 0
                        ? 1
                        : (int) Math.ceil(sample.concurrency() / bounds.concurrency());
        return Math.clamp(forPlaces, 1, bounds.maxInstances());
    }

    private void count(DemandSample sample, Bounds bounds, boolean cold, int started) {
        double seconds = sample.spanMillis() / 1000.0;
        double busy = Math.min(ready, sample.concurrency()) * seconds;
        outcome =
                outcome.plus(
                        new Outcome(
                                cold ? 1 : 0,
                                0,
                                ready,
                                ready * seconds,
                                busy,
                                busy * bounds.cpuMillis() / 1000,
                                busy * bounds.memoryBytes() / GIB,
                                sample.arrivals()));
        starts(started, sample, bounds);
    }

    private void starts(int count, DemandSample sample, Bounds bounds) {
        double seconds = count * sample.startMillis() / 1000;
        outcome =
                outcome.plus(
                        new Outcome(
                                0,
                                count,
                                ready,
                                0,
                                seconds,
                                seconds * bounds.cpuMillis() / 1000,
                                seconds * bounds.memoryBytes() / GIB,
                                0));
    }
}
