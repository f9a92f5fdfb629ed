package dev.hearth.contracts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What the autoscaler decided and why, and what it would have decided under other settings. The
 * calls block for seconds at most. They throw UNAVAILABLE {@code kafka-unavailable} when the log of
 * demand cannot be read, and NOT_FOUND {@code nothing-decided} when it says nothing about that
 * time.
 */
public interface ScalingPort {
    /** How far back one can ask; so long the log is kept. */
    Duration KEPT = Duration.ofDays(1);

    /** Changes are told of so long before the asked time. */
    Duration BEFORE = Duration.ofMinutes(10);

    /**
     * The decision in force at a time, about whichever of a service's revisions it was.
     *
     * @param revisions all that may have had instances then
     */
    Explanation explain(List<RevisionName> revisions, Instant at);

    /**
     * Both ends of a time under the settings that were, and under others.
     *
     * @param to not before {@code from}
     */
    Comparison whatIf(List<RevisionName> revisions, ScalingChange change, Instant from, Instant to);

    /**
     * @param decision in force
     * @param demand that it was made from
     * @param changes of instances or quota within {@link #BEFORE}, oldest first
     */
    record Explanation(Decision decision, DemandSample demand, List<Decision> changes) {}

    /**
     * The recorded demand, replayed twice.
     *
     * @param samples that were replayed
     * @param was under the settings of that time
     * @param wouldBe under the others
     */
    record Comparison(int samples, Outcome was, Outcome wouldBe) {}

    /**
     * What a replay came to.
     *
     * @param coldStarts times that a request met no instance
     * @param starts of instances, those too that nobody waited for
     * @param most instances at a time
     * @param instanceSeconds that instances were there
     * @param busySeconds that they had requests, their starts included: what is billed
     * @param vcpuSeconds of those
     * @param gibSeconds of those
     * @param requests that came
     */
    record Outcome(
            int coldStarts,
            int starts,
            int most,
            double instanceSeconds,
            double busySeconds,
            double vcpuSeconds,
            double gibSeconds,
            long requests) {
        public static final Outcome NONE = new Outcome(0, 0, 0, 0, 0, 0, 0, 0);

        /** Both, of two revisions of a service. */
        public Outcome plus(Outcome other) {
            return new Outcome(
                    coldStarts + other.coldStarts,
                    starts + other.starts,
                    Math.max(most, other.most),
                    instanceSeconds + other.instanceSeconds,
                    busySeconds + other.busySeconds,
                    vcpuSeconds + other.vcpuSeconds,
                    gibSeconds + other.gibSeconds,
                    requests + other.requests);
        }
    }
}
