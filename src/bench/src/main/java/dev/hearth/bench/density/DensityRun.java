package dev.hearth.bench.density;

import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.LongStream;

/** The steps of the density scenario. */
public final class DensityRun {
    private static final String SERVICE = "one-more";

    private DensityRun() {}

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException, InterruptedException {
        int size = options.number("--instances", 500, 900);
        int starts = options.number("--starts", 60, 10_000);
        DensityReport report;
        try (PrivatePlatform platform = PrivatePlatform.start(options.hearth())) {
            platform.admin().deploy(SERVICE, options.image(), Map.of(), "24h");
            Crowd crowd = new Crowd(platform, options.image(), size);
            crowd.empty();
            Crowd.starts(platform, SERVICE, starts, clock); // unmeasured: the code is warm now
            long[] first = Crowd.starts(platform, SERVICE, starts, clock);
            Crowd.Footprint before = crowd.footprint();
            crowd.fill(clock);
            Crowd.Footprint full = crowd.footprint();
            long[] crowded = Crowd.starts(platform, SERVICE, starts, clock);
            crowd.empty();
            Crowd.Footprint after = crowd.footprint();
            long[] last = Crowd.starts(platform, SERVICE, starts, clock);
            // alone before and after, so that a machine that grows slower meanwhile is not taken
            // for the crowd's doing
            long[] alone = LongStream.concat(LongStream.of(first), LongStream.of(last)).toArray();
            report =
                    new DensityReport(
                            MachineFacts.gather(),
                            size,
                            before,
                            full,
                            after,
                            new Latencies("alone", alone),
                            new Latencies("crowded", crowded));
        }
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }
}
