package dev.hearth.contracts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How far a service's requests have moved to a revision, step by step.
 *
 * @param id of this rollout and no other
 * @param to who gets them
 * @param latest whether whatever is deployed later gets them too, once this is over
 * @param before who had them, without tags; revisions by their names, without {@code to}
 * @param step that was taken last, from 0
 * @param reason why it is over; empty while it runs, and when it was completed
 * @param begunAt when the first step was taken
 * @param movedAt when the last one was, or when it ended
 */
public record GradualRollout(
        UUID id,
        RevisionName to,
        boolean latest,
        List<TrafficTarget> before,
        RolloutPlan plan,
        int step,
        Phase phase,
        String reason,
        Instant begunAt,
        Instant movedAt) {
    /** Whether it goes on, and how it ended. */
    public enum Phase {
        /** Requests move. */
        RUNNING,
        /** They all go to the new revision. */
        DONE,
        /** They went back, or somebody sent them elsewhere. */
        STOPPED
    }

    private static final String BY_HAND = "somebody sent the service's requests elsewhere";

    /** Throws INVALID {@code invalid-rollout} when nobody but {@code to} has requests. */
    public GradualRollout {
        before = List.copyOf(before);
        if (before.stream().mapToInt(TrafficTarget::percent).sum() == 0) {
            throw HearthException.invalid(
                    "invalid-rollout", "revision " + to + " has all requests already");
        }
    }

    /**
     * One that has taken its first step.
     *
     * @param now who gets the requests so far, the latest revision by its name
     */
    public static GradualRollout begin(
            UUID id,
            RevisionName to,
            boolean latest,
            List<TrafficTarget> now,
            RolloutPlan plan,
            Instant at) {
        List<TrafficTarget> before = new ArrayList<>();
        int has = 0;
        for (TrafficTarget target : now) {
            if (target.revision().equals(Optional.of(to))) {
                has += target.percent();
            } else if (target.percent() > 0) {
                before.add(new TrafficTarget(target.revision(), target.percent(), ""));
            }
        }
        int already = has;
        List<Integer> steps = plan.steps().stream().filter(step -> step > already).toList();
        RolloutPlan left =
                steps.size() < 2
                        ? new RolloutPlan(plan.duration(), List.of(Math.clamp(already, 1, 99), 100))
                        : new RolloutPlan(plan.duration(), steps);
        return new GradualRollout(id, to, latest, before, left, 0, Phase.RUNNING, "", at, at);
    }

    public boolean isRunning() {
        return phase == Phase.RUNNING;
    }

    /** The new revision's share now; what it was when somebody stopped it. */
    public int percent() {
        return plan.steps().get(step);
    }

    /** A step further; it is done with the last one. */
    public GradualRollout forward(Instant at) {
        int next = step + 1;
        Phase then = next == plan.steps().size() - 1 ? Phase.DONE : Phase.RUNNING;
        return new GradualRollout(id, to, latest, before, plan, next, then, "", begunAt, at);
    }

    /** Requests go back to where they went before. */
    public GradualRollout back(String why, Instant at) {
        return new GradualRollout(
                id, to, latest, before, plan, step, Phase.STOPPED, why, begunAt, at);
    }

    /** The same after somebody else changed the shares: it is over. */
    public GradualRollout overtaken(Instant at) {
        return back(BY_HAND, at);
    }

    /**
     * Who gets the requests.
     *
     * @param stillLatest whether {@code to} is the revision that was deployed last
     */
    public List<TrafficTarget> shares(boolean stillLatest) {
        return switch (phase) {
            case STOPPED -> scaled(100);
            case DONE ->
                    List.of(
                            new TrafficTarget(
                                    latest && stillLatest ? Optional.empty() : Optional.of(to),
                                    100,
                                    ""));
            case RUNNING -> {
                List<TrafficTarget> all = new ArrayList<>(scaled(100 - percent()));
                all.addFirst(new TrafficTarget(Optional.of(to), percent(), ""));
                yield all;
            }
        };
    }

    /**
     * The shares of before, made to add up to so many per cent by their largest remainders; one
     * that becomes 0 is still named, so that its revision is kept for the way back.
     */
    private List<TrafficTarget> scaled(int sum) {
        int all = before.stream().mapToInt(TrafficTarget::percent).sum();
        int[] shares = before.stream().mapToInt(t -> t.percent() * sum / all).toArray();
        int left = sum;
        List<Integer> byRemainder = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            left -= shares[i];
            byRemainder.add(i);
        }
        byRemainder.sort(Comparator.comparingInt(i -> -(before.get(i).percent() * sum % all)));
        for (int i = 0; i < left; i++) {
            shares[byRemainder.get(i)]++;
        }
        List<TrafficTarget> targets = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            targets.add(new TrafficTarget(before.get(i).revision(), shares[i], ""));
        }
        return targets;
    }
}
