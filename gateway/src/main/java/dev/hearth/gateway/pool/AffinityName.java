package dev.hearth.gateway.pool;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * An instance's name in its clients' cookies: random, so that it tells nothing about the instance
 * and cannot be guessed; forgotten with the instance.
 */
final class AffinityName {
    /** As many as RFC 9562 makes of a random UUID; 22 characters. */
    private static final int BYTES = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    private AffinityName() {}

    static String next() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
