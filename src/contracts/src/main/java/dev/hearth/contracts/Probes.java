package dev.hearth.contracts;

import java.time.Duration;
import java.util.Optional;

/**
 * What a container is asked by.
 *
 * @param startup that shows it is ready; empty for the usual: its port takes a connection
 * @param liveness that shows it still is, from then on; an instance that fails it is killed. Empty
 *     for none
 */
public record Probes(Optional<Probe> startup, Optional<Probe> liveness) {
    public static final Probes NONE = new Probes(Optional.empty(), Optional.empty());

    /** The longest start-up that a container may take. */
    public static final Duration LONGEST_STARTUP = Duration.ofSeconds(240);

    /** Throws INVALID {@code invalid-probe}. */
    public Probes {
        startup.map(Probe::patience)
                .filter(patience -> patience.compareTo(LONGEST_STARTUP) > 0)
                .ifPresent(
                        patience -> {
                            throw HearthException.invalid(
                                    "invalid-probe",
                                    "a startup probe may take 240s in all, its delay and as many"
                                            + " periods as it may fail, not "
                                            + Durations.format(patience));
                        });
    }

    /** Each as people write it; empty for none. */
    public static Probes parse(String startup, String liveness) {
        return new Probes(one(startup), one(liveness));
    }

    private static Optional<Probe> one(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(Probe.parse(text));
    }

    /** The startup probe as {@link #parse} reads it. */
    public String startupText() {
        return startup.map(Probe::toString).orElse("");
    }

    /** The liveness probe as {@link #parse} reads it. */
    public String livenessText() {
        return liveness.map(Probe::toString).orElse("");
    }
}
