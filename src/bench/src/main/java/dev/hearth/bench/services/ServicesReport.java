package dev.hearth.bench.services;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many services.
 *
 * @param deploysPerSecond four at a time
 * @param pages of a list of all of them
 * @param emptyMillis until a platform with none is ready
 * @param fullMillis until it is with all of them
 */
record ServicesReport(
        Map<String, String> facts,
        int services,
        double deploysPerSecond,
        Latencies pages,
        double emptyMillis,
        double fullMillis) {
    private static final double MOST_PAGE_MILLIS = 100;
    private static final double MOST_LOAD_MILLIS = 2000;

    /** Of an odd number of figures. */
    static double middle(double... figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    List<Bar> bars() {
        return List.of(
                Bar.atMost(
                        "99 of 100 pages of a list of " + services + " within 100 ms",
                        pages.millis(99),
                        MOST_PAGE_MILLIS,
                        " ms"),
                Bar.atMost(
                        "a start with them at most 2 s longer",
                        fullMillis - emptyMillis,
                        MOST_LOAD_MILLIS,
                        " ms"));
    }

    String text() {
        return MachineFacts.line(facts)
                + String.format(
                        Locale.ROOT,
                        "%n%d services, deployed at %.1f a second%n"
                                + "a page, ms: p50 %.1f, p90 %.1f, p99 %.1f, max %.1f (%d)%n"
                                + "until ready, ms: %.0f with none, %.0f with all%n%n",
                        services,
                        deploysPerSecond,
                        pages.millis(50),
                        pages.millis(90),
                        pages.millis(99),
                        pages.millis(100),
                        pages.count(),
                        emptyMillis,
                        fullMillis)
                + Bar.lines(bars());
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        root.put("services", services).put("deploysPerSecond", deploysPerSecond);
        root.putObject("pageMillis")
                .put("p50", pages.millis(50))
                .put("p99", pages.millis(99))
                .put("max", pages.millis(100));
        root.put("readyMillisEmpty", emptyMillis).put("readyMillisFull", fullMillis);
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }
}
