package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Probe;
import dev.hearth.runtime.probe.Attempt;
import java.io.IOException;

/**
 * Tries a liveness probe once a period, until the instance ends or has failed so often, one time
 * after the other, as its probe allows. What stands on the warm ladder is not tried (ADR 17), and
 * begins anew when it runs again.
 */
final class Liveness {
    private final Probe probe;
    private final Attempt attempt;
    private final Clock clock;
    private int failures;

    /** What can be expected of an instance now. */
    enum Condition {
        /** It has its CPU. */
        RUNS,
        /** It has so little CPU that to be late is no failure. */
        HAS_A_SLIVER,
        /** None of its processes goes on. */
        STANDS,
        /** It is about to be gone, or is. */
        ENDS
    }

    /** Who is watched. */
    interface Subject {
        Condition now();
    }

    Liveness(Probe probe, Attempt attempt, Clock clock) {
        this.probe = probe;
        this.attempt = attempt;
        this.clock = clock;
    }

    /** Returns when the instance ends, or has been given up. */
    void watch(Subject subject, Runnable failed) {
        try {
            Thread.sleep(probe.initialDelay());
            while (subject.now() != Condition.ENDS) {
                if (isGivenUp(subject)) {
                    failed.run();
                    return;
                }
                Thread.sleep(probe.period());
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** One try; whether it was the last failure that is allowed. */
    boolean isGivenUp(Subject subject) {
        Condition before = subject.now();
        if (before == Condition.STANDS || before == Condition.ENDS) {
            failures = 0;
            return false;
        }
        long begun = clock.nanos();
        if (isWell()) {
            failures = 0;
            return false;
        }
        boolean late = clock.nanos() - begun >= probe.timeout().toNanos();
        Condition after = subject.now();
        boolean hadItsCpu = before == Condition.RUNS && after == Condition.RUNS;
        boolean counts = hadItsCpu || !late && after != Condition.STANDS;
        if (!counts) {
            return false;
        }
        failures++;
        return failures >= probe.failures() && subject.now() != Condition.ENDS;
    }

    private boolean isWell() {
        try {
            return attempt.succeeds();
        } catch (IOException e) {
            return false; // whatever keeps it from answering
        }
    }
}
