package dev.hearth.bench.churn;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The steps of the churn scenario. */
public final class ChurnRun {
    /** A cycle for each log file that is kept of a service, and some. */
    private static final int WARM_UP_PER_SERVICE = 60;

    private static final int SETTLE_SECONDS = 90;

    private ChurnRun() {}

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException, InterruptedException {
        int cycles = options.number("--cycles", 10_000, 1_000_000);
        int width = options.number("--parallel", 8, 64);
        try (PrivatePlatform platform = PrivatePlatform.start(options.hearth())) {
            Subject subject = Subject.of(platform.data(), platform.pid());
            Cycles on =
                    new Cycles(
                            platform.httpPort(), platform.admin(), options.image(), width, clock);
            on.run(WARM_UP_PER_SERVICE * width);
            Thread.sleep(java.time.Duration.ofSeconds(10)); // slots refilled, connections idle out
            Census before = Census.ofMachine(subject);
            long begun = clock.nanos();
            on.run(cycles);
            double seconds = (clock.nanos() - begun) / 1e9;
            Census after = settled(subject, before, cycles, clock);
            List<Measure> grown = after.grown(before, cycles);
            System.out.print(text(before, after, grown, cycles, seconds));
            if (options.json().isPresent()) {
                Files.writeString(
                        options.json().get(), json(before, after, grown, cycles, seconds));
            }
            return grown.isEmpty() ? 0 : 1;
        }
    }

    /** The kernel takes namespaces and cgroups apart in the background: looks until it is done. */
    private static Census settled(Subject subject, Census before, int cycles, Clock clock)
            throws InterruptedException {
        long begun = clock.nanos();
        while (true) {
            Thread.sleep(java.time.Duration.ofSeconds(5));
            Census now = Census.ofMachine(subject);
            if (now.grown(before, cycles).isEmpty()
                    || clock.nanos() - begun > SETTLE_SECONDS * 1_000_000_000L) {
                return now;
            }
        }
    }

    private static String text(
            Census before, Census after, List<Measure> grown, int cycles, double seconds) {
        StringBuilder text = new StringBuilder(MachineFacts.line(MachineFacts.gather()));
        text.append(
                String.format(
                        Locale.ROOT,
                        "%n%d start/stop cycles in %.0f s, %.1f a second%n%n",
                        cycles,
                        seconds,
                        cycles / seconds));
        text.append(
                "%-46s %10s %10s %10s %8s%n".formatted("", "before", "after", "grew by", "noise"));
        for (Map.Entry<Measure, Long> count : after.counts().entrySet()) {
            Measure m = count.getKey();
            text.append(
                    "%-46s %10d %10d %10d %8d%s%n"
                            .formatted(
                                    m.words(),
                                    before.counts().getOrDefault(m, 0L),
                                    count.getValue(),
                                    after.growth(before, m),
                                    m.noise(cycles),
                                    grown.contains(m) ? "  GREW" : ""));
        }
        text.append(
                grown.isEmpty()
                        ? "\nmet          %d start/stop cycles leak nothing%n"
                        : "\nNOT MET      %d start/stop cycles leak nothing%n");
        return text.toString().formatted(cycles);
    }

    private static String json(
            Census before, Census after, List<Measure> grown, int cycles, double seconds) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(MachineFacts.gather(), root.putObject("machine"));
        root.put("cycles", cycles).put("seconds", seconds);
        ObjectNode measures = root.putObject("measures");
        after.counts()
                .forEach(
                        (m, count) ->
                                measures.putObject(m.name())
                                        .put("before", before.counts().getOrDefault(m, 0L))
                                        .put("after", count)
                                        .put("noise", m.noise(cycles)));
        var names = root.putArray("grown");
        grown.forEach(m -> names.add(m.name()));
        return root.toPrettyString() + "\n";
    }
}
