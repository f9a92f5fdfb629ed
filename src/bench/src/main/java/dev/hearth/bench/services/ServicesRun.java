package dev.hearth.bench.services;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.Parallel;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The steps of the scenario. */
public final class ServicesRun {
    private static final int PAGE = 100;
    private static final int DEPLOYS_AT_A_TIME = 4;
    private static final int STARTS = 3;
    private static final String IDLE = "1s"; // what proved a service soon makes room for another

    private ServicesRun() {}

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException {
        int count = options.number("--services", 10_000, 20_000);
        double[] empty = new double[STARTS];
        double[] full = new double[STARTS];
        Latencies pages;
        double deploys;
        Path scratch = nothing(options.hearth());
        try {
            for (int i = 0; i < STARTS; i++) {
                empty[i] = startMillis(options.hearth(), scratch, clock);
            }
            PrivatePlatform platform = PrivatePlatform.again(options.hearth(), scratch);
            try {
                long begun = clock.nanos();
                deploy(platform, options.image(), count);
                deploys = count / ((clock.nanos() - begun) / 1e9);
                list(platform, count, clock); // unmeasured: the code is warm now
                pages = list(platform, count, clock);
            } finally {
                platform.stop();
            }
            for (int i = 0; i < STARTS; i++) {
                full[i] = startMillis(options.hearth(), scratch, clock);
            }
        } finally {
            PrivatePlatform.delete(scratch);
        }
        ServicesReport report =
                new ServicesReport(
                        MachineFacts.gather(),
                        count,
                        deploys,
                        pages,
                        ServicesReport.middle(empty),
                        ServicesReport.middle(full));
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }

    /** The directory of a platform that has been up once, with nothing deployed. */
    private static Path nothing(Path hearth) {
        return PrivatePlatform.start(hearth).stop();
    }

    /** From {@code hearth up} until it says that it is ready. */
    private static double startMillis(Path hearth, Path scratch, Clock clock) {
        long begun = clock.nanos();
        PrivatePlatform platform = PrivatePlatform.again(hearth, scratch);
        double millis = (clock.nanos() - begun) / 1e6;
        platform.stop();
        return millis;
    }

    private static void deploy(PrivatePlatform platform, String image, int count) {
        List<String> names = IntStream.range(0, count).mapToObj("s-%05d"::formatted).toList();
        Parallel.each(
                names,
                DEPLOYS_AT_A_TIME,
                name -> platform.admin().deploy(name, image, Map.of(), IDLE));
    }

    private static Latencies list(PrivatePlatform platform, int count, Clock clock) {
        List<Long> nanos = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String token = "";
        do {
            long begun = clock.nanos();
            JsonNode page = platform.admin().page(PAGE, token);
            nanos.add(clock.nanos() - begun);
            page.path("services").forEach(s -> seen.add(s.path("name").asText()));
            token = page.path("nextPageToken").asText();
        } while (!token.isEmpty());
        if (seen.size() != count) {
            throw new BenchFailure(seen.size() + " different services were listed, not " + count);
        }
        return new Latencies("page", nanos.stream().mapToLong(Long::longValue).toArray());
    }
}
