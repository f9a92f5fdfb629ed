package dev.hearth.bench;

import dev.hearth.bench.burst.BurstResult;
import dev.hearth.bench.burst.Bursts;
import dev.hearth.bench.cold.ColdReport;
import dev.hearth.bench.cold.Contender;
import dev.hearth.bench.cold.Contenders;
import dev.hearth.bench.cold.GatewayContender;
import dev.hearth.bench.cold.Starts;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.bench.trace.Breakdown;
import dev.hearth.bench.trace.OtlpReceiver;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code hearth bench cold}: see {@code src/bench/scenario/cold-start}. Spaced starts beside other
 * ways to start the same server, bursts of distinct services, and, on a platform of its own that
 * exports traces, where the time goes.
 */
public final class ColdStart {
    private static final Set<String> NAMES =
            Set.of(
                    "--starts",
                    "--spacing-ms",
                    "--burst-rounds",
                    "--burst-quiet-ms",
                    "--traced-starts");
    private static final String SERVICE = "bench-cold";
    private static final int EXPORT_SECONDS = 20;
    private static final int[] BURSTS = {1, 10, 100};

    private ColdStart() {}

    public static void main(String[] args) {
        Scenario.main(() -> run(Options.parse("cold", NAMES, args), Clock.system()));
    }

    private static int run(Options options, Clock clock) throws IOException, InterruptedException {
        Starts starts;
        List<BurstResult> bursts = new ArrayList<>();
        try (PrivatePlatform platform = PrivatePlatform.start(options.hearth())) {
            starts = spaced(options, platform, clock);
            Bursts on =
                    new Bursts(
                            platform,
                            options.image(),
                            BURSTS[BURSTS.length - 1],
                            Duration.ofMillis(options.number("--burst-quiet-ms", 1500, 60_000)),
                            clock);
            for (int size : BURSTS) {
                bursts.add(on.of(size, options.number("--burst-rounds", 5, 1000)));
            }
        }
        ColdReport report =
                new ColdReport(
                        MachineFacts.gather(),
                        starts,
                        bursts,
                        traced(options, Map.of(), clock),
                        traced(options, Map.of("HEARTH_RUNTIME_LOADED_SLOTS", "0"), clock));
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }

    private static Starts spaced(Options options, PrivatePlatform platform, Clock clock)
            throws IOException, InterruptedException {
        platform.admin().deploy(SERVICE, options.image(), Map.of(), "1h");
        Path scratch = Files.createTempDirectory("hearth-bench-peers");
        List<Contender> contenders = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        try {
            contenders.add(gateway(options, platform, true, clock));
            contenders.add(gateway(options, platform, false, clock));
            new Contenders(options.binary(), scratch, clock).find(contenders, missing);
            return Starts.of(contenders, missing, options.number("--starts", 300, 100_000));
        } finally {
            contenders.forEach(Contender::close);
            PrivatePlatform.delete(scratch);
        }
    }

    private static GatewayContender gateway(
            Options options, PrivatePlatform platform, boolean connected, Clock clock) {
        Duration spacing = Duration.ofMillis(options.number("--spacing-ms", 200, 60_000));
        return new GatewayContender(platform, SERVICE, connected, spacing, clock);
    }

    /**
     * On another platform, so that making and exporting spans costs the measured starts nothing.
     *
     * @param environment that differs from the measured one's
     */
    private static Breakdown traced(Options options, Map<String, String> environment, Clock clock)
            throws InterruptedException {
        try (OtlpReceiver receiver = new OtlpReceiver();
                PrivatePlatform platform =
                        PrivatePlatform.start(
                                options.hearth(), environment, "--otlp", receiver.url())) {
            platform.admin().deploy(SERVICE, options.image(), Map.of(), "1h");
            GatewayContender gateway = gateway(options, platform, true, clock);
            int starts = options.number("--traced-starts", 100, 10_000);
            for (int i = 0; i < starts / 2; i++) {
                gateway.coldNanos(); // as warm as the measured ones were at their median
            }
            for (int i = 0; i < starts; i++) {
                gateway.tracedStart();
            }
            Map<String, Long> told = gateway.byTrace();
            long begun = clock.nanos();
            while (!Breakdown.isComplete(receiver, told)
                    && clock.nanos() - begun < Duration.ofSeconds(EXPORT_SECONDS).toNanos()) {
                Thread.sleep(100);
            }
            return Breakdown.of(receiver, told);
        }
    }
}
