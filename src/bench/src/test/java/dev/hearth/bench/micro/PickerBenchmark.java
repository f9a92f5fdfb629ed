package dev.hearth.bench.micro;

import dev.hearth.gateway.pool.Reservation;
import dev.hearth.gateway.pool.RevisionPool;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** A place in an instance, taken and given back; by one event loop and by two at once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PickerBenchmark {
    @Param({"1", "10", "100"})
    public int instances;

    private RevisionPool pool = Pools.of("picked", 0);

    @Setup
    public void start() {
        pool = Pools.of("picked", instances);
    }

    @Benchmark
    @Threads(1)
    public void oneThread() {
        take();
    }

    @Benchmark
    @Threads(2)
    public void twoThreads() {
        take();
    }

    private void take() {
        Reservation place = Objects.requireNonNull(pool.tryReserve());
        place.release();
    }
}
