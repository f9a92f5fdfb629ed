package dev.hearth.bench.micro;

import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.ServiceHosts;
import dev.hearth.gateway.route.Split;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/** From the host to the pool, among few and among many services, which are asked by turns. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class RouteBenchmark {
    @Param({"10", "10000"})
    public int services;

    private final Routes routes = new Routes(new HostNames("localhost"));
    private String[] hosts = {};
    private int turn;

    @Setup
    public void deploy() {
        List<ServiceName> names =
                IntStream.range(0, services)
                        .mapToObj(i -> new ServiceName("svc-%05d".formatted(i)))
                        .toList();
        for (ServiceName name : names) {
            routes.put(name, ServiceHosts.of(name, Split.to(Pools.of(name.value(), 0))));
        }
        hosts = names.stream().map(n -> n + ".localhost:8080").toArray(String[]::new);
    }

    /** A string of its own each time, as requests bring them: its hash is not known yet. */
    @Benchmark
    public @Nullable RevisionPool find() {
        turn = turn + 1 == hosts.length ? 0 : turn + 1;
        return routes.find(new String(hosts[turn].toCharArray()));
    }
}
