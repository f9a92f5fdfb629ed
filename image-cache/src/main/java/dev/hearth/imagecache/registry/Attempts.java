package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The failures of one server over one thing that is asked of it: each is followed by a pause, until
 * there were too many. For one thread.
 */
final class Attempts {
    /** Docker Hub's and GitHub's usual answers are below it; who waits longer should be told. */
    private static final Duration LONGEST_ASKED = Duration.ofSeconds(30);

    /**
     * What has to arrive for the count of failures to begin anew, so that a server which gives a
     * byte for each request does not hold a pull until its deadline.
     */
    static final long PROGRESS = 64 * 1024;

    /** How soon a pull that was given up is noticed. */
    private static final Duration SLICE = Duration.ofMillis(200);

    private final Endpoint endpoint;
    private final Deadline deadline;
    private final Patience patience;
    private int failures;
    private long received;

    Attempts(Endpoint endpoint, Deadline deadline, Patience patience) {
        this.endpoint = endpoint;
        this.deadline = deadline;
        this.patience = patience;
    }

    /** Counts new bytes. */
    void progressed(long bytes) {
        received += bytes;
        if (received >= PROGRESS) {
            failures = 0;
        }
    }

    /**
     * Waits before the next attempt.
     *
     * @throws dev.hearth.contracts.HearthException UNAVAILABLE {@code registry-unavailable} when
     *     there is to be none; that of the deadline
     */
    void failed(IOException why) {
        failures++;
        received = 0;
        if (failures > patience.retries() || why instanceof InterruptedIOException) {
            throw RegistrySource.unavailable(endpoint.image(), sentence(why), why);
        }
        Duration pause = patience.pause(failures);
        Optional<Duration> asked =
                why instanceof BusyException busy ? busy.retryAfter() : Optional.empty();
        if (asked.isPresent() && asked.get().compareTo(pause) > 0) {
            pause = asked.get();
            if (pause.compareTo(LONGEST_ASKED) > 0 || pause.compareTo(deadline.left()) > 0) {
                throw RegistrySource.unavailable(
                        endpoint.image(),
                        sentence(why)
                                + "; it wants to be asked again in "
                                + pause.toSeconds()
                                + " s, which is too long to wait",
                        why);
            }
        }
        sleep(pause, why);
    }

    private void sleep(Duration pause, IOException why) {
        Duration left = pause;
        try {
            while (left.isPositive()) {
                deadline.check(endpoint.image().toString());
                Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
                Thread.sleep(slice);
                left = left.minus(slice);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RegistrySource.unavailable(endpoint.image(), "the pull was given up", why);
        }
    }

    private static String sentence(IOException e) {
        String message = e.getMessage();
        return switch (e) {
            case java.net.http.HttpTimeoutException t -> "it did not answer in time";
            case java.net.ConnectException c -> "nothing answers there";
            default -> message == null ? e.getClass().getSimpleName() : message;
        };
    }
}
