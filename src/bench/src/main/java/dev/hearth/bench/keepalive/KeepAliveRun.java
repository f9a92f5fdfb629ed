package dev.hearth.bench.keepalive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.autoscaler.keepalive.KeepAlive;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.report.Bar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The steps of the keep-alive scenario. */
public final class KeepAliveRun {
    private static final List<Integer> FIXED_MINUTES = List.of(1, 5, 10, 20, 60);
    private static final double WASTE_BAR = 0.60;

    private KeepAliveRun() {}

    /** Returns the exit code. */
    public static int run(Options options) throws IOException {
        AzureTrace trace = AzureTrace.read(directory(options));
        List<Recorded> training = new ArrayList<>();
        List<Recorded> held = new ArrayList<>();
        for (int i = 0; i < trace.functions().size(); i++) {
            (i % 2 == 0 ? training : held).add(trace.functions().get(i));
        }
        int allowed = Replay.of(new HybridHistogram(), training, trace.minutes()).coldStarts();
        KeepAlive learned = Training.on(training, trace.minutes(), allowed);
        List<Replay> first = all(learned, training, trace.minutes());
        List<Replay> second = all(learned, held, trace.minutes());
        List<Replay> whole = all(learned, trace.functions(), trace.minutes());
        List<Bar> bars = bars(second);
        System.out.printf(
                Locale.ROOT,
                "%d functions, %d minutes; trained on every other one: %s%n",
                trace.functions().size(),
                trace.minutes(),
                learned);
        System.out.print(table("the training half", first));
        System.out.print(table("the other half, which the bar is held against", second));
        System.out.print(table("all", whole));
        System.out.print("\n" + Bar.lines(bars));
        if (options.json().isPresent()) {
            ObjectNode root = new ObjectMapper().createObjectNode();
            root.put("parameters", learned.toString());
            json(first, root.putArray("training"));
            json(second, root.putArray("other"));
            json(whole, root.putArray("all"));
            Bar.json(bars, root.putArray("bars"));
            Files.writeString(options.json().get(), root.toPrettyString() + "\n");
        }
        return Bar.exitCode(bars);
    }

    private static Path directory(Options options) {
        return options.path("--trace")
                .orElseGet(
                        () ->
                                options.hearth()
                                        .toAbsolutePath()
                                        .resolveSibling("../shared/traces/azure2019")
                                        .normalize());
    }

    private static List<Replay> all(KeepAlive learned, List<Recorded> functions, int minutes) {
        List<Replay> replays = new ArrayList<>();
        for (int kept : FIXED_MINUTES) {
            replays.add(Replay.of(new FixedTime(kept), functions, minutes));
        }
        replays.add(Replay.of(new HybridHistogram(), functions, minutes));
        replays.add(Replay.of(new Learned(learned), functions, minutes));
        return replays;
    }

    private static List<Bar> bars(List<Replay> replays) {
        Replay hybrid = replays.get(replays.size() - 2);
        Replay ours = replays.getLast();
        return List.of(
                Bar.atMost(
                        "cold starts at most the hybrid histogram's "
                                + hybrid.coldStarts()
                                + ", on functions it was not trained on",
                        ours.coldStarts(),
                        hybrid.coldStarts(),
                        ""),
                Bar.atMost(
                        "wasted memory at most 0.6 of the hybrid histogram's",
                        ours.wastedGibHours() / hybrid.wastedGibHours(),
                        WASTE_BAR,
                        "x"));
    }

    private static String table(String title, List<Replay> replays) {
        StringBuilder text =
                new StringBuilder(
                        "%n%-48s %11s %14s %12s%n"
                                .formatted(title, "cold starts", "p75 of rates", "wasted GiB-h"));
        for (Replay r : replays) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-48s %11d %14.3f %12.1f%n",
                            r.policy(),
                            r.coldStarts(),
                            r.rate75(),
                            r.wastedGibHours()));
        }
        return text.toString();
    }

    private static void json(List<Replay> replays, ArrayNode into) {
        for (Replay r : replays) {
            into.addObject()
                    .put("policy", r.policy())
                    .put("coldStarts", r.coldStarts())
                    .put("rate75", r.rate75())
                    .put("wastedGibHours", r.wastedGibHours());
        }
    }
}
