package dev.hearth.bench.micro;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.wait.Waiter;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request to a service whose last start failed a moment ago: refused without another start, by
 * one event loop and by two at once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class BreakerBenchmark {
    private static final class Refused implements Waiter.Ending {
        private @Nullable HearthException why;

        @Override
        public void admitted(Reservation reservation) {
            throw new IllegalStateException("there is nothing to be admitted to");
        }

        @Override
        public void refused(HearthException reason) {
            why = reason;
        }
    }

    /** The moment of the failure, for ever: the breaker stays open. */
    private record Stopped() implements Clock {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }
    }

    private RevisionPool pool = Pools.of("broken", 0);

    @Setup
    public void breakIt() {
        FakeRuntime runtime = new FakeRuntime("10.0.0.1", 8080);
        pool = new RevisionPool(Revisions.of("broken", 80, 1), runtime, new Stopped());
        pool.await(new Waiter(Long.MAX_VALUE, new Refused()));
        runtime.fail(new HearthException(ErrorKind.UNAVAILABLE, "container-exited", "it ended"));
    }

    @Benchmark
    @Threads(1)
    public HearthException oneThread() {
        return refusal();
    }

    @Benchmark
    @Threads(2)
    public HearthException twoThreads() {
        return refusal();
    }

    private HearthException refusal() {
        Refused end = new Refused();
        if (pool.tryReserve() == null) {
            pool.await(new Waiter(Long.MAX_VALUE, end));
        }
        HearthException why = end.why;
        if (why == null) {
            throw new IllegalStateException("the breaker is closed");
        }
        return why;
    }
}
