package dev.hearth.bench.density;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.bench.cold.GatewayContender;
import dev.hearth.bench.machine.Memory;
import dev.hearth.bench.machine.Processes;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Parallel;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Many services on one platform, of which all or none have an idle instance. */
final class Crowd {
    private static final int WIDTH = 8;

    private final PrivatePlatform platform;
    private final List<String> services;

    /** Deploys the services; each has the instance that proved it until {@link #empty}. */
    Crowd(PrivatePlatform platform, String image, int size) {
        this.platform = platform;
        this.services = IntStream.range(0, size).mapToObj("crowd-%04d"::formatted).toList();
        Parallel.each(services, WIDTH, s -> platform.admin().deploy(s, image, Map.of(), "24h"));
    }

    /** Stops every instance. */
    void empty() {
        Parallel.each(services, WIDTH, platform.admin()::stop);
    }

    /** Wakes every service by a request. */
    void fill(Clock clock) {
        Parallel.each(
                services,
                WIDTH,
                service -> {
                    boolean cold = GatewayContender.wake(platform.httpPort(), service, clock);
                    if (!cold) {
                        throw new BenchFailure(service + " had an instance already");
                    }
                });
    }

    /**
     * The machine's memory and the platform's own parts of it; bytes.
     *
     * @param meminfo by the kernel's names
     * @param instances that run
     * @param containers the processes in them, without our init
     */
    record Footprint(
            Map<String, Long> meminfo,
            int instances,
            long containers,
            long inits,
            long launcher,
            long jvm) {
        /** What the platform's processes take beside the containers' own. */
        Map<String, Long> parts() {
            Map<String, Long> parts = new LinkedHashMap<>();
            parts.put("our inits (Pss)", inits);
            parts.put("the launcher (Pss)", launcher);
            parts.put("the JVM (Pss)", jvm);
            for (String kernel : List.of("SUnreclaim", "Percpu", "KernelStack", "PageTables")) {
                parts.put("kernel: " + kernel, meminfo.getOrDefault(kernel, 0L));
            }
            return parts;
        }
    }

    /** Measured after the JVM's garbage is gone and the machine's memory stands still. */
    Footprint footprint() throws InterruptedException {
        Processes.collectGarbage(platform.pid());
        Map<String, Long> meminfo = Memory.settled();
        List<Long> inits = new ArrayList<>();
        for (JsonNode instance : platform.admin().instances("")) {
            if (instance.path("service").asText().startsWith("crowd-")) {
                inits.add(instance.path("pid").asLong());
            }
        }
        AtomicLong containers = new AtomicLong();
        long ours = 0;
        for (long init : inits) {
            ours += Processes.pss(init);
            Processes.children(init).forEach(p -> containers.addAndGet(Processes.pss(p)));
        }
        long launcher = Processes.launcher(platform.data()).orElse(0);
        return new Footprint(
                meminfo,
                inits.size(),
                containers.get(),
                ours,
                launcher == 0 ? 0 : Processes.pss(launcher),
                Processes.pss(platform.pid()));
    }

    /** Cold starts of one more service, as spaced as those of the cold-start scenario. */
    static long[] starts(PrivatePlatform platform, String service, int count, Clock clock)
            throws InterruptedException {
        GatewayContender one =
                new GatewayContender(platform, service, true, Duration.ofMillis(200), clock);
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = one.coldNanos();
        }
        return nanos;
    }
}
