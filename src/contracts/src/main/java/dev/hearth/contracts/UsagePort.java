package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What was used, as the bill has it. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface UsagePort {
    /** Usage of whole hours, by what is asked for. */
    CompletionStage<List<Line>> usage(Query query);

    /** What the lines of an answer are of. */
    enum By {
        SERVICE,
        REVISION,
        DAY,
        HOUR
    }

    /**
     * @param service all of them when empty
     * @param from the hour that it is in counts
     * @param to the hour that it is in does not count, unless it is the beginning of it
     */
    record Query(Optional<ServiceName> service, Instant from, Instant to, By by) {}

    /**
     * A line of the bill.
     *
     * @param revision empty unless asked by revision
     * @param begin of the day or hour; empty when asked by neither
     */
    record Line(
            String service,
            String revision,
            Optional<Instant> begin,
            long requests,
            double billedSeconds,
            double vcpuSeconds,
            double gibSeconds,
            long egressBytes) {}
}
