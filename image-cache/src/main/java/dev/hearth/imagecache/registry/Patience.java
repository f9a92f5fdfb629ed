package dev.hearth.imagecache.registry;

import java.time.Duration;

/**
 * How often a server that stumbles is asked again, and how long the pauses are: doubled each time,
 * from the first to the longest.
 *
 * @param retries without progress between them
 */
record Patience(int retries, Duration first, Duration longest) {
    /** After 200 and 400 ms: enough for a restart behind a balancer, not for a deploy to hang. */
    static final int DOCUMENT_RETRIES = 2;

    /** After 0.2, 0.4, 0.8, 1.6 and 3.2 s: what has come so far is worth waiting for. */
    static final int BLOB_RETRIES = 5;

    static final Patience DEFAULT =
            new Patience(BLOB_RETRIES, Duration.ofMillis(200), Duration.ofSeconds(5));

    Patience withRetries(int other) {
        return new Patience(other, first, longest);
    }

    /**
     * @param failure from 1
     */
    Duration pause(int failure) {
        Duration doubled = first.multipliedBy(1L << Math.min(failure - 1, 20));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
