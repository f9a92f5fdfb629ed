package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import java.time.Duration;
import java.util.Optional;

/**
 * How long to leave a revision alone whose starts fail, or whose instances do not last: 100 ms
 * after the first failure, twice as long after each further one, 10 s at most. A failure long after
 * the last one is a first one again. Its owner guards it with a lock.
 */
final class BackOff {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration FORGOTTEN = Duration.ofMinutes(1);

    private final Clock clock;
    private int failures;
    private long retryAtNanos;
    private Optional<HearthException> last = Optional.empty();

    BackOff(Clock clock) {
        this.clock = clock;
    }

    void failed(HearthException why) {
        if (clock.nanos() - retryAtNanos > FORGOTTEN.toNanos()) {
            failures = 0;
        }
        failures++;
        last = Optional.of(why);
        long wait = FIRST.toNanos() << Math.min(failures - 1, 10);
        retryAtNanos = clock.nanos() + Math.min(wait, LONGEST.toNanos());
    }

    void succeeded() {
        failures = 0;
        last = Optional.empty();
    }

    /** Why nothing may be started yet; empty when it may. */
    Optional<HearthException> reasonToWait() {
        return retryAtNanos - clock.nanos() > 0 ? last : Optional.empty();
    }
}
