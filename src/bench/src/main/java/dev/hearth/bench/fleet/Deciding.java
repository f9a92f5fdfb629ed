package dev.hearth.bench.fleet;

import dev.hearth.autoscaler.observe.Observations;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import java.util.Optional;

/**
 * One autoscaler with as many revisions as it remembers, all busy, and with twice as many.
 *
 * @param perSecond decisions that one core makes, with a sample of each revision every 500 ms
 * @param bytesEach of a revision's memory
 * @param restsWithin share of the revisions that are told to have no instance when their idle time
 *     is over
 * @param restsBeyond the same with twice as many revisions
 */
record Deciding(
        int revisions, double perSecond, double bytesEach, double restsWithin, double restsBeyond) {
    /** The least that an autoscaler remembers. */
    static final int REMEMBERED = 2_000;

    private static final int WARM_STEPS = 120;
    private static final int STEPS = 60;
    private static final int ARRIVALS = 3;
    private static final int PAUSE_MILLIS = 5_000;

    static Deciding measure(Clock clock) {
        SimulatedClock now = new SimulatedClock();
        long empty = Heap.used(now);
        Observations observations = new Observations(now, REMEMBERED);
        rounds(observations, now, WARM_STEPS, REMEMBERED);
        long begun = clock.nanos();
        rounds(observations, now, STEPS, REMEMBERED);
        double seconds = (clock.nanos() - begun) / 1e9;
        double bytes = (double) (Heap.used(observations) - empty) / REMEMBERED;
        return new Deciding(
                REMEMBERED,
                (double) STEPS * REMEMBERED / seconds,
                bytes,
                rests(REMEMBERED),
                rests(2 * REMEMBERED));
    }

    private static void rounds(
            Observations observations, SimulatedClock now, int steps, int revisions) {
        for (int step = 0; step < steps; step++) {
            now.advance(Simulation.STEP_MILLIS);
            for (int i = 0; i < revisions; i++) {
                observations.observe(
                        LiveService.sample(
                                FleetSize.service(i),
                                now.epochMillis(),
                                Simulation.STEP_MILLIS,
                                ARRIVALS,
                                2));
            }
        }
    }

    /** One request to each, and then silence for half a minute more than the idle time. */
    private static double rests(int revisions) {
        SimulatedClock now = new SimulatedClock();
        Observations observations = new Observations(now, REMEMBERED);
        boolean[] rests = new boolean[revisions];
        int rounds = (int) (Services.IDLE.toMillis() + 30_000) / PAUSE_MILLIS;
        for (int round = 0; round < rounds; round++) {
            now.advance(PAUSE_MILLIS);
            for (int i = 0; i < revisions; i++) {
                Optional<Decision> decision =
                        observations.observe(
                                LiveService.sample(
                                        FleetSize.service(i),
                                        now.epochMillis(),
                                        PAUSE_MILLIS,
                                        round == 0 ? 1 : 0,
                                        1));
                rests[i] |= decision.map(d -> d.instances() == 0).orElse(false);
            }
        }
        int count = 0;
        for (boolean one : rests) {
            count += one ? 1 : 0;
        }
        return (double) count / revisions;
    }

    /** Revisions whose samples of every 500 ms one core keeps up with. */
    double revisionsAtTwoASecond() {
        return perSecond * Simulation.STEP_MILLIS / 1000;
    }
}
