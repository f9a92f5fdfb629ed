package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The steps of the gateway scenario. Everybody is asked once a round, each round in another order;
 * one stretch of each is not measured.
 */
public final class GatewayRun {
    private static final String SERVICE = "bench-gateway";
    private static final int CONNECTIONS = 64;
    private static final int MEGABYTE = 1_000_000;

    /** Program and Debian package. */
    private static final Map<String, String> NEEDED =
            Map.of("wrk", "wrk", "nginx", "nginx-light", "haproxy", "haproxy");

    private final Map<String, Standing> standings = new LinkedHashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final Options options;
    private final Clock clock;
    private final int rounds;
    private final int seconds;
    private double rate;

    private GatewayRun(Options options, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.rounds = options.number("--rounds", 5, 100);
        this.seconds = options.number("--seconds", 5, 600);
    }

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException, InterruptedException {
        checkPrograms();
        Path scratch = Files.createTempDirectory("hearth-bench-gateway");
        GatewayReport report;
        try {
            report = new GatewayRun(options, clock).measure(scratch);
        } finally {
            PrivatePlatform.delete(scratch);
        }
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }

    private static void checkPrograms() {
        List<String> packages =
                NEEDED.keySet().stream()
                        .filter(program -> !Tools.isInstalled(program))
                        .map(NEEDED::get)
                        .sorted()
                        .toList();
        if (!packages.isEmpty()) {
            String names = String.join(" ", packages);
            throw new BenchFailure(names + " is missing: apt-get install " + names);
        }
    }

    private GatewayReport measure(Path scratch) throws IOException, InterruptedException {
        int services = options.number("--services", 10_000, 20_000);
        int wanted = options.number("--idle", 20_000, 50_000);
        int connections = IdleConnections.possible(wanted);
        long bytes = (long) options.number("--download-mb", 1000, 100_000) * MEGABYTE;
        Streams streams;
        IdleConnections idle;
        try (PrivatePlatform platform = PrivatePlatform.start(options.hearth());
                Backend backend = Backend.deploy(platform, SERVICE, options.image());
                Rivals rivals = new Rivals(backend.address(), scratch, clock)) {
            List<Contestant> all = new ArrayList<>();
            all.add(backend.direct());
            all.add(rivals.nginx(1));
            all.add(rivals.nginx(2));
            all.add(rivals.haproxy());
            all.add(rivals.vertx());
            all.add(backend.hearth());
            compare(all);
            streams =
                    Streams.measure(
                            bestNginx(all), backend.hearth(), rounds, bytes, seconds, clock);
            idle = IdleConnections.measure(backend.hearth(), connections);
            if (connections < wanted) {
                missing.put(
                        wanted + " idle connections, only " + connections,
                        "ulimit -n lets no program open more");
            }
        }
        RouteTable table = RouteTable.measure(options, services, rounds, seconds, scratch, clock);
        return new GatewayReport(
                MachineFacts.gather(),
                List.copyOf(standings.values()),
                rate,
                Optional.of(table),
                Optional.of(idle),
                Optional.of(streams),
                missing);
    }

    private void compare(List<Contestant> all) throws InterruptedException {
        int warming = options.number("--warm-seconds", 10, 600);
        for (Contestant one : all) {
            Wrk.run(one, CONNECTIONS, warming); // the JVMs compile, the pools fill
            standings.put(one.name(), new Standing(one.name()));
        }
        for (int i = 0; i < rounds; i++) {
            for (Contestant one : order(all, i)) {
                standing(one).busiest().add(Wrk.run(one, CONNECTIONS, seconds));
                standing(one).memory().add(one.memory());
            }
            for (Contestant one : order(all, i)) {
                standing(one).alone().add(Wrk.run(one, 1, seconds));
            }
        }
        rate = standings.values().stream().mapToDouble(Standing::perSecond).min().orElseThrow() / 2;
        for (Contestant one : all) {
            OpenLoop.run(one, rate, seconds, clock); // now this program is compiled too
        }
        for (int i = 0; i < rounds; i++) {
            for (Contestant one : order(all, i)) {
                standing(one).steady().add(OpenLoop.run(one, rate, seconds, clock));
            }
        }
    }

    /** With the number of workers that took more requests. */
    private Contestant bestNginx(List<Contestant> all) {
        return all.stream()
                .filter(c -> c.name().startsWith(Contestant.NGINX))
                .max(Comparator.comparingDouble(c -> standing(c).perSecond()))
                .orElseThrow();
    }

    private Standing standing(Contestant of) {
        return standings.computeIfAbsent(of.name(), Standing::new);
    }

    private static List<Contestant> order(List<Contestant> all, int round) {
        List<Contestant> order = new ArrayList<>(all);
        Collections.rotate(order, round);
        return round % 2 == 0 ? order : order.reversed();
    }
}
