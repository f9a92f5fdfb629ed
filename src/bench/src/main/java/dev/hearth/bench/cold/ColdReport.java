package dev.hearth.bench.cold;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.burst.BurstResult;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.bench.trace.Breakdown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All of a cold-start run: spaced starts, bursts, terms, and the bars.
 *
 * @param unloaded the terms where no slot was loaded ahead
 */
public record ColdReport(
        Map<String, String> facts,
        Starts starts,
        List<BurstResult> bursts,
        Breakdown terms,
        Breakdown unloaded) {
    private static final double MOST_TIMES_BARE = 3;
    private static final double MOST_P50_MILLIS = 3;
    private static final double MOST_P99_MILLIS = 12;
    private static final double LEAST_TIMES_CRUN = 8;
    private static final double LEAST_TIMES_DOCKER = 25;
    private static final int BURST = 100;
    private static final double MOST_BURST_MILLIS = 400;

    /** The bars, in its order. */
    public List<Bar> bars() {
        double p50 = starts.millis(GatewayContender.CONNECTED, 50);
        double p99 = starts.millis(GatewayContender.CONNECTED, 99);
        List<Bar> bars = new ArrayList<>();
        bars.add(
                Bar.atMost(
                        "p50 at most 3 times the bare process",
                        p50 / starts.millis(Contenders.BARE, 50),
                        MOST_TIMES_BARE,
                        "x"));
        bars.add(Bar.atMost("p50 at most 3 ms", p50, MOST_P50_MILLIS, " ms"));
        bars.add(Bar.atMost("p99 at most 12 ms", p99, MOST_P99_MILLIS, " ms"));
        bursts.stream()
                .filter(b -> b.size() == BURST)
                .forEach(
                        b -> {
                            bars.add(
                                    Bar.atMost(
                                            "100 services hit cold at once: wrong answers",
                                            b.wrong(),
                                            0,
                                            ""));
                            bars.add(
                                    Bar.atMost(
                                            "100 services hit cold at once: the last within 400 ms,"
                                                    + " in every round",
                                            b.slowestMillis(),
                                            MOST_BURST_MILLIS,
                                            " ms"));
                        });
        bars.add(
                Bar.atLeast(
                        "at least 8 times faster than `crun run`",
                        starts.millis(Contenders.CRUN, 50) / p50,
                        LEAST_TIMES_CRUN,
                        "x"));
        bars.add(
                Bar.atLeast(
                        "at least 25 times faster than `docker run`",
                        starts.millis(Contenders.DOCKER, 50) / p50,
                        LEAST_TIMES_DOCKER,
                        "x"));
        return bars;
    }

    /** Tables for a person; milliseconds. */
    public String text() {
        StringBuilder text = new StringBuilder(MachineFacts.line(facts)).append('\n');
        text.append(
                "%-28s %4s %8s %8s %8s %8s %8s %8s%n"
                        .formatted(
                                "cold start to first byte, ms",
                                "n",
                                "p50",
                                "p90",
                                "p99",
                                "max",
                                "/bare",
                                "/hearth"));
        for (Latencies l : starts.measured()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-28s %4d %8.2f %8.2f %8.2f %8.2f %7.1fx %7.1fx%n",
                            l.name(),
                            l.count(),
                            l.millis(50),
                            l.millis(90),
                            l.millis(99),
                            l.millis(100),
                            l.millis(50) / starts.millis(Contenders.BARE, 50),
                            l.millis(50) / starts.millis(GatewayContender.CONNECTED, 50)));
        }
        starts.missing()
                .forEach((name, why) -> text.append("not measured: " + name + " (" + why + ")\n"));
        text.append('\n').append(BurstResult.table(bursts)).append('\n');
        text.append(terms.table("terms of a cold start, ms")).append('\n');
        text.append(unloaded.table("… with no slot loaded, ms")).append('\n');
        return text.append(Bar.lines(bars())).toString();
    }

    /** The same for a program. */
    public String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        var results = root.putArray("spaced");
        for (Latencies l : starts.measured()) {
            results.addObject()
                    .put("name", l.name().strip())
                    .put("n", l.count())
                    .put("p50Millis", l.millis(50))
                    .put("p90Millis", l.millis(90))
                    .put("p99Millis", l.millis(99))
                    .put("maxMillis", l.millis(100));
        }
        ObjectNode absent = root.putObject("notMeasured");
        starts.missing().forEach(absent::put);
        BurstResult.json(bursts, root.putArray("bursts"));
        terms.json(root.putObject("terms"));
        unloaded.json(root.putObject("termsUnloaded"));
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }
}
