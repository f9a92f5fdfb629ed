package dev.hearth.gateway.acme;

import java.time.Duration;
import java.time.Instant;

/** When a certificate is ordered. */
final class Attempts {
    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(6);

    private Attempts() {}

    /**
     * When to renew a certificate: at two thirds of its life, as the authorities recommend (Let's
     * Encrypt, "Integration Guide", When to Renew).
     */
    static Instant renewal(Instant notBefore, Instant notAfter) {
        return notBefore.plus(Duration.between(notBefore, notAfter).dividedBy(3).multipliedBy(2));
    }

    /**
     * How long to wait after failures in a row: 1, 4, 16 and 64 minutes, then longer, so that not
     * more than four fall into an hour (Let's Encrypt refuses a host after five).
     *
     * @param failures 1 or more
     */
    static Duration pause(int failures) {
        Duration pause = FIRST_PAUSE;
        for (int i = 1; i < failures && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
            pause = pause.multipliedBy(4);
        }
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
}
