package dev.hearth.gateway.limit;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RateLimit;

/**
 * Why a request may not come in now.
 *
 * @param reason for programs: {@code rate-limited} or {@code client-rate-limited}
 * @param retryAfterSeconds until one would be let in if no other came before it; 1 at least
 */
public record RateExceeded(String reason, String sentence, long retryAfterSeconds) {
    static RateExceeded byClient(RateLimit limit, long waitNanos) {
        return of("client-rate-limited", "one client's requests to this service", limit, waitNanos);
    }

    static RateExceeded byAll(RateLimit limit, long waitNanos) {
        return of("rate-limited", "requests to this service", limit, waitNanos);
    }

    private static RateExceeded of(String reason, String what, RateLimit limit, long waitNanos) {
        long seconds = Math.max(1, Math.ceilDiv(waitNanos, 1_000_000_000L));
        return new RateExceeded(
                reason,
                what + " are limited to " + limit + "; try again in " + seconds + " s",
                seconds);
    }

    public HearthException toException() {
        return new HearthException(ErrorKind.EXHAUSTED, reason, sentence);
    }
}
