package dev.hearth.bench.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Requests to many services, by the half second: who has no instance gets one at once, who has is
 * told of to the autoscaler, and what that decides is done.
 */
final class Simulation {
    static final int STEP_MILLIS = 500;

    private static final long SEED = 20_261_128;

    private final FleetSize size;
    private final Clock clock;
    private final SimulatedFleet fleet;
    private final Popularity popularity;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<Integer, LiveService> live = new HashMap<>();
    private final SimulatedClock now = new SimulatedClock();
    private long requests;
    private long coldStarts;
    private long samples;
    private long decideNanos;
    private long lastSamples;

    Simulation(FleetSize size, Clock clock) {
        this.size = size;
        this.clock = clock;
        this.fleet = new SimulatedFleet(size.nodes(), clock);
        this.popularity = new Popularity(size.services());
    }

    SimulatedFleet fleet() {
        return fleet;
    }

    void run() {
        for (int i = 0; i < size.seconds() * 1000 / STEP_MILLIS; i++) {
            step();
        }
    }

    private void step() {
        fleet.beat();
        int arriving = poisson((double) size.rate() * STEP_MILLIS / 1000);
        for (int i = 0; i < arriving; i++) {
            arrive(popularity.draw(random));
        }
        now.advance(STEP_MILLIS);
        long before = samples;
        Iterator<LiveService> each = live.values().iterator();
        while (each.hasNext()) {
            LiveService one = each.next();
            if (one.isDue(now.epochMillis())) {
                decide(one);
                if (one.instances().isEmpty()) {
                    each.remove(); // at rest: nobody speaks of it any more
                }
            }
        }
        lastSamples = samples - before;
    }

    private void arrive(int service) {
        requests++;
        LiveService one = live.computeIfAbsent(service, s -> new LiveService(s, now.epochMillis()));
        if (one.instances().isEmpty()) {
            coldStarts++;
            one.instances().add(fleet.start(service, one.revision()));
        }
        one.arrive();
    }

    private void decide(LiveService one) {
        DemandSample sample = one.sample(now.epochMillis());
        long begun = clock.nanos();
        Optional<Decision> decision = one.life(sample).observe(sample);
        decideNanos += clock.nanos() - begun;
        samples++;
        decision.ifPresent(d -> apply(d, one));
    }

    private void apply(Decision decision, LiveService one) {
        while (one.instances().size() < decision.instances()) {
            one.instances().add(fleet.start(one.service(), one.revision()));
        }
        while (one.instances().size() > decision.instances()) {
            one.instances().removeLast().stop(one.service());
        }
    }

    /** Of a large mean, by the normal distribution; rounded. */
    private int poisson(double mean) {
        return (int) Math.max(0, Math.rint(mean + Math.sqrt(mean) * random.nextGaussian()));
    }

    /** Starts again, between two heartbeats, what was on nodes that are gone. */
    List<String> replace(Set<SimulatedNode> gone) {
        List<String> revisions = new ArrayList<>();
        for (LiveService one : live.values()) {
            int before = one.instances().size();
            one.instances().removeIf(gone::contains);
            for (int i = one.instances().size(); i < before; i++) {
                one.instances().add(fleet.start(one.service(), one.revision()));
                revisions.add(FleetSize.service(one.service()));
            }
        }
        return revisions;
    }

    /**
     * What the demand came to.
     *
     * @param live services with instances at the end
     * @param samplesPerSecond in the last half second, of all of them
     * @param decidesPerSecond that one core makes
     */
    record Result(
            long requests,
            long coldStarts,
            int live,
            int instances,
            double samplesPerSecond,
            double decidesPerSecond) {
        double samplesOfEach() {
            return samplesPerSecond / live;
        }
    }

    Result result() {
        return new Result(
                requests,
                coldStarts,
                live.size(),
                live.values().stream().mapToInt(one -> one.instances().size()).sum(),
                lastSamples * 1000.0 / STEP_MILLIS,
                samples / (decideNanos / 1e9));
    }
}
