package dev.hearth.bench.burst;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.hearth.bench.report.Latencies;
import java.util.List;
import java.util.Locale;

/**
 * All rounds of one size.
 *
 * @param firstBytes of every request of every round, each since it was sent
 * @param lasts one a round: from the first request to the last answer's last byte
 * @param examples of wrong answers, a few
 */
public record BurstResult(
        int size, Latencies firstBytes, Latencies lasts, int wrong, List<String> examples) {
    private static final int EXAMPLES = 3;

    static BurstResult of(int size, long[] firstBytes, long[] lasts, List<String> wrong) {
        return new BurstResult(
                size,
                new Latencies("first byte", firstBytes),
                new Latencies("last answer", lasts),
                wrong.size(),
                List.copyOf(wrong.subList(0, Math.min(EXAMPLES, wrong.size()))));
    }

    /** The last answer of the worst round. */
    public double slowestMillis() {
        return lasts.millis(100);
    }

    /** A table for a person; milliseconds. */
    public static String table(List<BurstResult> results) {
        StringBuilder text = new StringBuilder();
        text.append(
                "%-28s %6s %8s %8s %12s %12s %6s%n"
                        .formatted(
                                "distinct cold services, ms",
                                "rounds",
                                "p50",
                                "p99",
                                "last, p50",
                                "last, worst",
                                "wrong"));
        for (BurstResult r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-28d %6d %8.2f %8.2f %12.2f %12.2f %6d%n",
                            r.size,
                            r.lasts.count(),
                            r.firstBytes.millis(50),
                            r.firstBytes.millis(99),
                            r.lasts.millis(50),
                            r.slowestMillis(),
                            r.wrong));
            r.examples.forEach(e -> text.append("  wrong: " + e.replace('\n', ' ') + "\n"));
        }
        return text.toString();
    }

    /** The same for a program. */
    public static void json(List<BurstResult> results, ArrayNode into) {
        for (BurstResult r : results) {
            into.addObject()
                    .put("services", r.size)
                    .put("rounds", r.lasts.count())
                    .put("p50Millis", r.firstBytes.millis(50))
                    .put("p99Millis", r.firstBytes.millis(99))
                    .put("lastP50Millis", r.lasts.millis(50))
                    .put("lastWorstMillis", r.slowestMillis())
                    .put("wrong", r.wrong);
        }
    }
}
