package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.ScalingRules;

/** A revision's life as a story: two ticks a second, and the decision after each second. */
final class TimeLine {
    static final long BEGIN = 1_700_000_000_000L;

    /** Of a container that starts in 20 ms. */
    static final Cost COST = new Cost(20, 64 << 20);

    private final History history = new History();
    private final Spec spec;
    private long now = BEGIN;
    private int ready;

    TimeLine(Spec spec) {
        this.spec = spec;
    }

    static Spec spec(int concurrency, int min, int max, long idleMillis) {
        return spec(concurrency, min, max, idleMillis, "default");
    }

    static Spec spec(int concurrency, int min, int max, long idleMillis, String rules) {
        return new Spec(concurrency, min, max, idleMillis, 1000, 1000, ScalingRules.parse(rules));
    }

    TimeLine ready(int instances) {
        ready = instances;
        return this;
    }

    /** So many seconds of this concurrency; the decision at their end. */
    Decision seconds(int seconds, double concurrency) {
        for (int i = 0; i < 2 * seconds; i++) {
            now += 500;
            history.add(tick(concurrency), spec);
        }
        return Decider.decide("r", history, CpuQuota.initial(spec), Rest.said(spec), COST, spec);
    }

    /** As above, with as many ready instances as the last decision asked for. */
    Decision obeying(int seconds, double concurrency) {
        Decision decision = seconds(1, concurrency);
        for (int i = 1; i < seconds; i++) {
            ready = decision.instances();
            decision = seconds(1, concurrency);
        }
        ready = decision.instances();
        return decision;
    }

    /** The clock is set to another time. */
    void jump(long millis) {
        now += millis;
    }

    private Tick tick(double concurrency) {
        return new Tick(now, 500, concurrency, concurrency > 0, ready, 0, false);
    }
}
