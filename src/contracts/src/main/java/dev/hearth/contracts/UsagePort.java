package dev.hearth.contracts;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What was used, as the bill has it. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface UsagePort {
    /**
     * Usage of whole hours, by what is asked for; what is billed in another way is another line.
     */
    CompletionStage<List<Line>> usage(Query query);

    /** What the lines of an answer are of. */
    enum By {
        SERVICE,
        REVISION,
        DAY,
        HOUR
    }

    /**
     * @param project whose
     * @param service of that project; all of them when empty
     * @param from the hour that it is in counts
     * @param to the hour that it is in does not count, unless it is the beginning of it
     */
    record Query(
            ProjectName project, Optional<ServiceName> service, Instant from, Instant to, By by) {}

    /**
     * A line of the bill.
     *
     * @param service its name within the project
     * @param revision empty unless asked by revision
     * @param begin of the day or hour; empty when asked by neither
     */
    record Line(String service, String revision, Optional<Instant> begin, Used used) {}

    /**
     * What is billed together.
     *
     * @param requests that cost nothing where instances are billed
     * @param billed of instances
     * @param idle of idle instances of a minimum; none where instances are billed
     */
    record Used(Billing billing, long requests, Time billed, Time idle, long egressBytes) {
        /** Nothing, yet. */
        public static Used nothing(Billing billing) {
            return new Used(billing, 0, Time.NONE, Time.NONE, 0);
        }

        /** Both of it, which is billed in the same way. */
        public Used plus(Used other) {
            return new Used(
                    billing,
                    requests + other.requests,
                    billed.plus(other.billed),
                    idle.plus(other.idle),
                    egressBytes + other.egressBytes);
        }
    }

    /**
     * Time of instances, exactly: sums of it are the same in any order.
     *
     * @param seconds of all of them together
     * @param vcpuSeconds times the CPU that they have
     * @param gibSeconds times 2^30 bytes of the memory that they have
     */
    record Time(BigDecimal seconds, BigDecimal vcpuSeconds, BigDecimal gibSeconds) {
        public static final Time NONE = new Time(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

        private static final BigDecimal GIB = BigDecimal.valueOf(1 << 30);

        /**
         * @param nanos of instances
         * @param vcpuMilliNanos nanoseconds times thousandths of a CPU
         * @param byteNanos nanoseconds times bytes of memory
         */
        public static Time of(BigDecimal nanos, BigDecimal vcpuMilliNanos, BigDecimal byteNanos) {
            return new Time(
                    nanos.movePointLeft(9),
                    vcpuMilliNanos.movePointLeft(12),
                    byteNanos.movePointLeft(9).divide(GIB)); // a power of two: it comes out even
        }

        /** That of instances which have so much. */
        public static Time of(long nanos, int cpuMillis, long memoryBytes) {
            BigDecimal time = BigDecimal.valueOf(nanos);
            return of(
                    time,
                    time.multiply(BigDecimal.valueOf(cpuMillis)),
                    time.multiply(BigDecimal.valueOf(memoryBytes)));
        }

        public Time plus(Time other) {
            return new Time(
                    seconds.add(other.seconds),
                    vcpuSeconds.add(other.vcpuSeconds),
                    gibSeconds.add(other.gibSeconds));
        }
    }
}
