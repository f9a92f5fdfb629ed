package dev.hearth.gateway.rollout;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts what became of requests, from any thread. */
public final class Outcomes {
    /** The client's own doing; nginx's number for a client that closed its request. */
    private static final int CLIENT_GONE = 499;

    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLongArray answers = new AtomicLongArray(Latencies.CLASSES);

    /**
     * What was counted so far.
     *
     * @param failed of the requests: those answered with 5xx
     * @param latencies of the answers, from the hand-over to the container to the answer's head, so
     *     that a cold start is no reproach
     */
    record Counts(long requests, long failed, Latencies latencies) {
        Counts plus(Counts other) {
            return new Counts(
                    requests + other.requests,
                    failed + other.failed,
                    latencies.plus(other.latencies));
        }
    }

    /** The container has begun to answer so long after it was handed the request. */
    public void answered(long nanos) {
        answers.getAndIncrement(Latencies.classOf(nanos));
    }

    /**
     * A request is over. One that the platform refused for its own reasons, or whose client has
     * gone, says nothing of the revision; one for which no instance could be started does.
     *
     * @param handed whether an instance had it
     */
    public void ended(boolean handed, int status) {
        boolean failure = status >= 500;
        if (status == CLIENT_GONE || !handed && !failure) {
            return;
        }
        requests.getAndIncrement();
        if (failure) {
            failed.getAndIncrement();
        }
    }

    Counts counts() {
        long failures = failed.get(); // first: never more than there are requests
        long[] counts = new long[Latencies.CLASSES];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = answers.get(i);
        }
        return new Counts(requests.get(), failures, new Latencies(counts));
    }
}
