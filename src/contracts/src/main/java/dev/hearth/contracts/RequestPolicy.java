package dev.hearth.contracts;

import java.time.Duration;

/**
 * What holds for each request to a service.
 *
 * @param timeout of a request from its arrival, start-up included: 504 when no answer has begun by
 *     then, and one that has begun is cut off; 1 s to 1 h
 * @param sessionAffinity whether a client's requests go to the same instance, as long as that has a
 *     place for them; the client keeps a cookie for it
 * @param serviceLimit on all requests to the service together: 429 beyond it
 * @param clientLimit on the requests of each client address, of each /64 network in IPv6
 */
public record RequestPolicy(
        Duration timeout, boolean sessionAffinity, RateLimit serviceLimit, RateLimit clientLimit) {
    /** Throws INVALID {@code invalid-timeout} when the timeout is out of range. */
    public RequestPolicy {
        if (timeout.toMillis() < 1000 || timeout.toMillis() > 3_600_000) {
            throw HearthException.invalid(
                    "invalid-timeout",
                    "timeout " + Durations.format(timeout) + " is not between 1s and 1h");
        }
    }

    /** A timeout and no affinity or limit. */
    public static RequestPolicy within(Duration timeout) {
        return new RequestPolicy(timeout, false, RateLimit.NONE, RateLimit.NONE);
    }
}
