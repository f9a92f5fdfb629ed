package dev.hearth.catalog.deploy;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.TrafficTarget;
import java.util.List;
import java.util.Optional;

/** The way back to what served before. */
public final class Rollback {
    private Rollback() {}

    /**
     * While a rollout runs, everything to where it went before; else to the revision before the one
     * that serves. FAILED_PRECONDITION {@code no-earlier-revision} when none is kept.
     */
    public static List<TrafficTarget> of(Service service) {
        Optional<GradualRollout> moving = service.rollout().filter(GradualRollout::isRunning);
        if (moving.isPresent()) {
            return TrafficTarget.shared(moving.get().before(), service.traffic());
        }
        RevisionSpec serving = service.serving();
        List<RevisionSpec> newestFirst = service.revisions();
        int at = newestFirst.indexOf(serving);
        if (at + 1 >= newestFirst.size()) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "no-earlier-revision",
                    "revision "
                            + serving.name()
                            + " serves, and no earlier one of "
                            + service.name()
                            + " is kept");
        }
        return TrafficTarget.allTo(Optional.of(newestFirst.get(at + 1).name()), service.traffic());
    }
}
