package dev.hearth.cli;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RolloutPlan;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How requests move to a revision: {@code --gradual} and {@code --steps}. */
final class Gradually {
    @Option(
            names = "--gradual",
            paramLabel = "TIME",
            description =
                    "moves the requests over in steps that take so long in all; when the revision answers"
                            + " more 5xx or more slowly than the one before, they go back at once")
    @Nullable String duration;

    @Option(
            names = "--steps",
            paramLabel = "PERCENT,...",
            description = "of --gradual, the last one 100 (1,5,25,50,100)")
    @Nullable String steps;

    /** Finds slips before anything is sent; the platform checks again. */
    Optional<RolloutPlan> plan() {
        String time = duration;
        String wanted = steps;
        if (time == null && wanted != null) {
            throw HearthException.invalid(
                    "invalid-rollout", "--steps goes with --gradual TIME, such as --gradual 10m");
        }
        return time == null
                ? Optional.empty()
                : Optional.of(RolloutPlan.parse(time, wanted == null ? "" : wanted));
    }
}
