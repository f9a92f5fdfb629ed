package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.Parallel;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Requests to ten services by turns, on a platform that has only these and on one that has many
 * more; one platform is stopped (SIGSTOP) while the other is measured.
 *
 * @param deploying how long it took to deploy all of them
 * @param few requests to the platform with ten, one stretch a round
 * @param many to the other
 */
record RouteTable(int services, Duration deploying, List<Load> few, List<Load> many) {
    private static final int ASKED = 10;
    private static final int WIDTH = 8;
    private static final int CONNECTIONS = 64;
    private static final long AWAKE_MILLIS = 1000;
    private static final String SCRIPT =
            """
            local requests, turn = {}, 0
            function init(args)
              for i = 0, %d do
                requests[i + 1] = wrk.format("GET", "/", {Host = string.format("%s", i)})
              end
            end
            function request()
              turn = turn %% #requests + 1
              return requests[turn]
            end
            """;

    static RouteTable measure(
            Options options, int services, int rounds, int seconds, Path scratch, Clock clock)
            throws InterruptedException {
        try (PrivatePlatform few = PrivatePlatform.start(options.hearth());
                PrivatePlatform many = PrivatePlatform.start(options.hearth())) {
            deploy(few, options.image(), ASKED);
            long begun = clock.nanos();
            deploy(many, options.image(), services);
            Duration deploying = Duration.ofNanos(clock.nanos() - begun);
            Path script =
                    Files.writeString(
                            scratch.resolve("hosts.lua"),
                            SCRIPT.formatted(ASKED - 1, Backend.host("route-%05d")));
            List<Load> fewLoads = new ArrayList<>();
            List<Load> manyLoads = new ArrayList<>();
            for (int i = 0; i <= rounds; i++) {
                Load ofFew = i % 2 == 0 ? load(few, many, script, seconds) : null;
                Load ofMany = load(many, few, script, seconds);
                if (ofFew == null) {
                    ofFew = load(few, many, script, seconds);
                }
                if (i > 0) { // the first warmed both up
                    fewLoads.add(ofFew);
                    manyLoads.add(ofMany);
                }
            }
            return new RouteTable(services, deploying, fewLoads, manyLoads);
        } catch (IOException e) {
            throw new BenchFailure("the script for wrk cannot be written: " + e, e);
        }
    }

    private static void deploy(PrivatePlatform platform, String image, int services) {
        Parallel.each(
                IntStream.range(0, services).boxed().toList(),
                WIDTH,
                i -> {
                    String name = "route-%05d".formatted(i);
                    boolean asked = i < ASKED;
                    platform.admin()
                            .deploy(
                                    Backend.wanted(
                                            name, image, asked ? 1 : 0, asked ? "24h" : "1s"));
                    if (!asked) {
                        platform.admin().stop(name); // the instance that proved it
                    }
                });
    }

    private static Load load(PrivatePlatform asked, PrivatePlatform other, Path script, int seconds)
            throws InterruptedException {
        signal("-STOP", other);
        try {
            return Wrk.script(
                    new Contestant(
                            Contestant.HEARTH,
                            new InetSocketAddress("127.0.0.1", asked.httpPort()),
                            "",
                            List.of(asked.pid())),
                    CONNECTIONS,
                    seconds,
                    script);
        } finally {
            signal("-CONT", other);
            Thread.sleep(AWAKE_MILLIS); // it catches up with what it missed, unmeasured
        }
    }

    private static void signal(String signal, PrivatePlatform platform)
            throws InterruptedException {
        Tools.run("kill", signal, Long.toString(platform.pid()));
    }
}
