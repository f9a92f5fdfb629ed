package dev.hearth.gateway.rollout;

import dev.hearth.contracts.GradualRollout;
import dev.hearth.gateway.rollout.Outcomes.Counts;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides what becomes of a rollout: a pure function of how it stands and what was seen of the old
 * revision and the new one side by side, during the same step.
 *
 * <p>The shares of 5xx are compared by {@link Fisher}. Latencies are compared by the same test as a
 * quantile test (W. J. Conover, "Practical Nonparametric Statistics", section 3.5 and the median
 * test): a line is drawn a good way above the old revision's p95 (and p99), and the shares of
 * answers that are slower than the line are what is compared. The test takes answers for
 * independent of each other, which those within one pause of a machine are not: so the latencies of
 * two times that take turns are compared each by itself, and both have to be worse.
 */
final class Judge {
    /** Fewer requests of either revision say nothing about failures. */
    static final long LEAST_REQUESTS = 10;

    /** Fewer answers of either revision, in either time, say nothing about latencies. */
    static final long LEAST_ANSWERS = 100;

    /**
     * A difference that chance alone makes as seldom counts. Small, since it is looked for every
     * second: the looks at one step depend on each other, and some ten of them are worth a new
     * toss, so that a rollout of five steps is stopped without need once in a hundred or more.
     */
    static final double CHANCE = 0.0001;

    /** Less of a rise in the share of failures is let pass, however certain it is. */
    static final double FAILURES_LET_PASS = 0.005;

    /** Of the old revision's latency: what is slower than so many times it and {@link #SLACK}. */
    static final double SLOWER = 1.5;

    /** So that microseconds, and the pauses of a busy machine, stop no rollout. */
    static final Duration SLACK = Duration.ofMillis(20);

    private Judge() {}

    /** What to do. */
    sealed interface Move {
        /** Nothing yet. */
        record Stay() implements Move {}

        /** The next step. */
        record Forward() implements Move {}

        /** Everything back to the old revision, because of this. */
        record Back(String why) implements Move {}
    }

    /** Both revisions during the same time. */
    record Both(Counts old, Counts fresh) {
        Both plus(Both other) {
            return new Both(old.plus(other.old), fresh.plus(other.fresh));
        }
    }

    /**
     * What was seen since the step was taken, or since this gateway began to look.
     *
     * @param one of two times that take turns
     * @param nanos for how long in all
     */
    record Observed(Both one, Both other, long nanos) {
        /** Whether anything can be said of the new revision, beside the old one. */
        boolean isEnough() {
            Both all = one.plus(other);
            return Math.min(all.old().requests(), all.fresh().requests()) >= LEAST_REQUESTS;
        }
    }

    /** A step lasts its time, whether there are enough requests to compare or not. */
    static Move decide(GradualRollout rollout, Observed seen) {
        Optional<String> worse =
                failsMore(seen)
                        .or(() -> isTwiceSlower(seen, 95))
                        .or(() -> isTwiceSlower(seen, 99))
                        .map(why -> "at " + rollout.percent() + " % of the requests " + why);
        if (worse.isPresent()) {
            return new Move.Back(worse.get());
        }
        return seen.nanos() >= rollout.plan().interval().toNanos()
                ? new Move.Forward()
                : new Move.Stay();
    }

    private static Optional<String> failsMore(Observed seen) {
        Both all = seen.one().plus(seen.other());
        Counts old = all.old();
        Counts fresh = all.fresh();
        if (!seen.isEnough()) {
            return Optional.empty();
        }
        double rise =
                (double) fresh.failed() / fresh.requests() - (double) old.failed() / old.requests();
        if (rise < FAILURES_LET_PASS
                || Fisher.chance(old.failed(), old.requests(), fresh.failed(), fresh.requests())
                        > CHANCE) {
            return Optional.empty();
        }
        return Optional.of(
                "%d of its %d answers were 5xx, and %d of the old revision's %d"
                        .formatted(fresh.failed(), fresh.requests(), old.failed(), old.requests()));
    }

    private static Optional<String> isTwiceSlower(Observed seen, int percentile) {
        return isSlower(seen.one(), percentile).flatMap(once -> isSlower(seen.other(), percentile));
    }

    private static Optional<String> isSlower(Both seen, int percentile) {
        Latencies old = seen.old().latencies();
        Latencies fresh = seen.fresh().latencies();
        if (Math.min(old.total(), fresh.total()) < LEAST_ANSWERS) {
            return Optional.empty();
        }
        long was = old.quantileNanos(percentile / 100.0);
        long is = fresh.quantileNanos(percentile / 100.0);
        long line = (long) (was * SLOWER) + SLACK.toNanos();
        if (is <= line
                || Fisher.chance(
                                old.slowerThan(line),
                                old.total(),
                                fresh.slowerThan(line),
                                fresh.total())
                        > CHANCE) {
            return Optional.empty();
        }
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "its p%d was %.1f ms, and the old revision's %.1f ms (of %d and %d answers)",
                        percentile,
                        is / 1e6,
                        was / 1e6,
                        fresh.total(),
                        old.total()));
    }
}
