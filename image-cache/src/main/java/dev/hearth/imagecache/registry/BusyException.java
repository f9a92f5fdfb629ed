package dev.hearth.imagecache.registry;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** An answer that says to ask again: a server that is overloaded, restarts or lost its backend. */
final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

    /** Of seconds: more digits than a day has are no time to wait for. */
    private static final int MOST_DIGITS = 5;

    private final transient Optional<Duration> retryAfter;

    /**
     * @param who as the subject of the sentence: "it"
     */
    BusyException(String who, HttpResponse<?> response) {
        super(
                who
                        + " answers with status "
                        + response.statusCode()
                        + (response.statusCode() == 429
                                ? ", too many requests: log in or set a mirror"
                                : ""));
        this.retryAfter =
                response.headers()
                        .firstValue("Retry-After")
                        .map(String::strip)
                        .filter(seconds -> seconds.matches("\\d{1," + MOST_DIGITS + "}"))
                        .map(seconds -> Duration.ofSeconds(Integer.parseInt(seconds)));
    }

    static boolean isPassing(int status) {
        return PASSING.contains(status);
    }

    /** How long it wants to be left alone, when it says so in seconds; dates are passed over. */
    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
