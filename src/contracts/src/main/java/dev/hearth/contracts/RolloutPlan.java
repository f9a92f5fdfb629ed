package dev.hearth.contracts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How requests move to a revision: in which steps, and how long all of it takes.
 *
 * @param duration from the first step to the last; each but the last lasts an equal part of it
 * @param steps the revision's shares in per cent, growing, the last one 100
 */
public record RolloutPlan(Duration duration, List<Integer> steps) {
    /** Few see what is badly broken; then it goes quickly. */
    public static final List<Integer> STEPS = List.of(1, 5, 25, 50, 100);

    /** Of one rollout; as many as anybody can look through. */
    public static final int MOST_STEPS = 20;

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    /** Throws INVALID {@code invalid-rollout}. */
    public RolloutPlan {
        steps = List.copyOf(steps);
        if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
            throw invalid("a rollout takes from 1s to 168h, not " + Durations.format(duration));
        }
        if (steps.size() < 2 || steps.size() > MOST_STEPS || steps.getLast() != 100) {
            throw invalid("a rollout has 2 to " + MOST_STEPS + " steps, of which the last is 100");
        }
        int before = 0;
        for (int step : steps) {
            if (step <= before) {
                throw invalid("steps of a rollout grow, from 1 to 100, such as 1,5,25,50,100");
            }
            before = step;
        }
    }

    /**
     * As people write it.
     *
     * @param duration such as 10m
     * @param steps such as 1,5,25,50,100; empty for the usual ones
     */
    public static RolloutPlan parse(String duration, String steps) {
        List<Integer> shares = new ArrayList<>();
        for (String step : steps.split(",", -1)) {
            if (!steps.isEmpty()) {
                if (!step.matches("\\d{1,3}")) {
                    throw invalid("step \"" + step + "\" is not a per cent, as in 1,5,25,50,100");
                }
                shares.add(Integer.parseInt(step));
            }
        }
        return new RolloutPlan(Durations.parse(duration), shares.isEmpty() ? STEPS : shares);
    }

    /** How long each step lasts. */
    public Duration interval() {
        return duration.dividedBy(steps.size() - 1);
    }

    private static HearthException invalid(String why) {
        return HearthException.invalid("invalid-rollout", why);
    }
}
