package dev.hearth.bench.cold;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured, and what was not.
 *
 * @param missing why, by the contender's name
 */
public record Report(List<Latencies> measured, Map<String, String> missing) {
    private static final String BASELINE = "bare process";

    /** A table for a person; milliseconds. */
    public String table() {
        StringBuilder text = new StringBuilder();
        text.append(
                "%-28s %4s %8s %8s %8s %8s %8s%n"
                        .formatted(
                                "cold start to first byte, ms",
                                "n",
                                "p50",
                                "p90",
                                "p99",
                                "max",
                                "ratio"));
        for (Latencies l : measured) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-28s %4d %8.2f %8.2f %8.2f %8.2f %7.1fx%n",
                            l.name(),
                            l.count(),
                            l.millis(50),
                            l.millis(90),
                            l.millis(99),
                            l.millis(100),
                            ratio(l)));
        }
        missing.forEach((name, why) -> text.append("not measured: " + name + " (" + why + ")\n"));
        return text.toString();
    }

    /** The same for a program. */
    public String json() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        ArrayNode results = root.putArray("results");
        for (Latencies l : measured) {
            ObjectNode one = results.addObject();
            one.put("name", l.name()).put("n", l.count());
            one.put("p50Millis", l.millis(50)).put("p90Millis", l.millis(90));
            one.put("p99Millis", l.millis(99)).put("maxMillis", l.millis(100));
            one.put("ratioToBareProcess", ratio(l));
        }
        ObjectNode absent = root.putObject("notMeasured");
        missing.forEach(absent::put);
        return root.toPrettyString() + "\n";
    }

    private double ratio(Latencies l) {
        return measured.stream()
                .filter(other -> other.name().equals(BASELINE))
                .mapToDouble(bare -> l.millis(50) / bare.millis(50))
                .findFirst()
                .orElse(Double.NaN);
    }
}
