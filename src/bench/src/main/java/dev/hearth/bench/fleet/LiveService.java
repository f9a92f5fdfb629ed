package dev.hearth.bench.fleet;

import dev.hearth.autoscaler.decide.Life;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.Topics;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A service with instances, or with demand; told of as the gateway's sampler does. */
final class LiveService {
    /** A request takes so long. */
    static final int REQUEST_MILLIS = 200;

    /** What the sampler keeps to: see {@code Sampler.pause}. */
    private static final long QUIET_MILLIS = 3_000;

    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private static final DemandSample.Bounds BOUNDS =
            new DemandSample.Bounds(
                    1,
                    0,
                    Services.MOST_INSTANCES,
                    Services.IDLE.toMillis(),
                    Services.CPU.millis(),
                    Services.CPU.millis(),
                    Services.MEMORY.bytes(),
                    ScalingRules.DEFAULT.toString());

    private final int service;
    private final String revision;
    private final Deque<SimulatedNode> instances = new ArrayDeque<>();
    private @Nullable Life life;
    private int arrivals;
    private int toldInstances;
    private long toldMillis;
    private long quietMillis;

    LiveService(int service, long nowMillis) {
        this.service = service;
        this.revision = FleetSize.service(service) + "-00001-abc";
        this.toldMillis = nowMillis - Simulation.STEP_MILLIS;
    }

    int service() {
        return service;
    }

    String revision() {
        return revision;
    }

    Deque<SimulatedNode> instances() {
        return instances;
    }

    void arrive() {
        arrivals++;
    }

    /** Whether a sample is due at the end of a step. */
    boolean isDue(long nowMillis) {
        boolean same = arrivals == 0 && instances.size() == toldInstances;
        return !same
                || quietMillis < QUIET_MILLIS
                || nowMillis - toldMillis >= LONGEST_PAUSE_MILLIS;
    }

    DemandSample sample(long nowMillis) {
        long span = nowMillis - toldMillis;
        DemandSample sample = sample(revision, nowMillis, span, arrivals, instances.size());
        quietMillis = arrivals > 0 ? 0 : quietMillis + span;
        toldMillis = nowMillis;
        toldInstances = instances.size();
        arrivals = 0;
        return sample;
    }

    static DemandSample sample(
            String revision, long atMillis, long spanMillis, int arrivals, int instances) {
        return new DemandSample(
                Topics.SCHEMA,
                revision,
                atMillis,
                spanMillis,
                (double) arrivals * REQUEST_MILLIS / spanMillis,
                0,
                instances,
                0,
                arrivals,
                arrivals,
                3,
                BOUNDS);
    }

    /** The autoscaler's side of it. */
    Life life(DemandSample first) {
        Life there = life;
        if (there == null) {
            there = new Life(first);
            life = there;
        }
        return there;
    }
}
