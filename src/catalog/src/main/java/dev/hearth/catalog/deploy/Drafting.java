package dev.hearth.catalog.deploy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import java.time.temporal.ChronoUnit;
import java.util.random.RandomGenerator;

/** Gives a requested revision its name and its date. */
public final class Drafting {
    /** No vowels, hence no words; no 0, 1, l, which look like others. */
    private static final String LETTERS = "bcdfghjkmnpqrstvwxz23456789";

    private static final int SUFFIX_LENGTH = 3;

    private final Clock clock;
    private final RandomGenerator random;

    /**
     * @param random for names only; need not be secret, must be safe for use by several threads
     */
    public Drafting(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    Draft draft(DeployRequest request, int number, ResolvedImage image) {
        RevisionSpec revision =
                new RevisionSpec(
                        name(request, number),
                        request.service(),
                        request.image(),
                        image.digest(),
                        request.container(),
                        request.resources(),
                        request.scaling(),
                        request.egress(),
                        request.requests(),
                        request.metadata(),
                        // as exact as PostgreSQL keeps it, so that a restart changes nothing
                        clock.now().truncatedTo(ChronoUnit.MICROS));
        return new Draft(number, image, revision, request.rollout());
    }

    private RevisionName name(DeployRequest request, int number) {
        String given = request.rollout().suffix();
        return given.isEmpty()
                ? RevisionName.of(request.service(), number, suffix())
                : RevisionName.of(request.service(), given);
    }

    private String suffix() {
        StringBuilder suffix = new StringBuilder(SUFFIX_LENGTH);
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            suffix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return suffix.toString();
    }
}
