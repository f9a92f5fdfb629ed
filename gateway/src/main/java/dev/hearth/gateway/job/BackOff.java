package dev.hearth.gateway.job;

import java.time.Duration;

/** How long a task rests before it is tried again: a second, and twice as long each time. Pure. */
final class BackOff {
    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofMinutes(1);

    private BackOff() {}

    /**
     * Worked: after the attempts 0, 1, 2 and 9 these are 1 s, 2 s, 4 s, and 60 s rather than 512.
     *
     * @param attempt that failed, from 0
     */
    static Duration after(int attempt) {
        Duration rest = FIRST.multipliedBy(1L << Math.min(attempt, 16));
        return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
    }
}
