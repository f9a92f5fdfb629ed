package dev.hearth.bench.micro;

import dev.hearth.contracts.Clock;
import dev.hearth.gateway.demand.DemandMeter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** A request's beginning and end, counted; by one event loop and by two at once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class MeterBenchmark {
    private final DemandMeter meter = new DemandMeter(Clock.system());

    @Benchmark
    @Threads(1)
    public void oneThread() {
        count();
    }

    @Benchmark
    @Threads(2)
    public void twoThreads() {
        count();
    }

    private void count() {
        meter.begin();
        meter.end();
    }
}
