package dev.hearth.gateway.trace;

import dev.hearth.contracts.StartTimings;
import java.util.Optional;

/**
 * The trace of one request, told as it goes. Without an exporter it only carries the context that
 * the container is handed.
 */
public interface RequestTrace {
    /** What the container is handed. */
    TraceContext context();

    /**
     * It waited for an instance.
     *
     * @param waitedNanos until now
     * @param start of the instance that it got, when that began while it waited
     */
    void waited(long waitedNanos, Optional<StartTimings> start);

    /** It is being sent to an instance. */
    void upstreamBegan(String instance);

    /** The container's answer has begun. */
    void upstreamAnswered(int status);

    /** The request is over. */
    void ended(int status);

    /** Carries the context, tells nobody. */
    record Silent(TraceContext context) implements RequestTrace {
        @Override
        public void waited(long waitedNanos, Optional<StartTimings> start) {}

        @Override
        public void upstreamBegan(String instance) {}

        @Override
        public void upstreamAnswered(int status) {}

        @Override
        public void ended(int status) {}
    }
}
