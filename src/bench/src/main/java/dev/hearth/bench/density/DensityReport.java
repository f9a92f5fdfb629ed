package dev.hearth.bench.density;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.machine.Memory;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Memory before, with the crowd, and after it; cold starts without and with it.
 *
 * @param wanted instances asked for
 */
record DensityReport(
        Map<String, String> facts,
        int wanted,
        Crowd.Footprint before,
        Crowd.Footprint full,
        Crowd.Footprint after,
        Latencies alone,
        Latencies crowded) {
    private static final double MIB = 1 << 20;
    private static final double MOST_MIB = 1.5;
    private static final double MOST_SLOWER = 1.5;

    List<Bar> bars() {
        return List.of(
                Bar.atLeast(wanted + " idle instances side by side", full.instances(), wanted, ""),
                Bar.atMost(
                        "memory of each beyond its own process at most 1.5 MiB",
                        (taken() - full.containers()) / MIB / full.instances(),
                        MOST_MIB,
                        " MiB"),
                Bar.atMost(
                        "a further cold start at most 1.5 times slower",
                        crowded.millis(50) / alone.millis(50),
                        MOST_SLOWER,
                        "x"));
    }

    /** The middle of what went when they came and what came back when they went. */
    private double taken() {
        double going = Memory.available(before.meminfo()) - Memory.available(full.meminfo());
        double back = Memory.available(after.meminfo()) - Memory.available(full.meminfo());
        return (going + back) / 2;
    }

    String text() {
        StringBuilder text = new StringBuilder(MachineFacts.line(facts)).append('\n');
        text.append(
                "%-36s %10s %10s %10s %14s%n"
                        .formatted("MiB", "before", "full", "after", "each, KiB"));
        line(
                text,
                "MemAvailable",
                Memory.available(before.meminfo()),
                Memory.available(full.meminfo()),
                Memory.available(after.meminfo()),
                -1);
        line(text, "the containers' processes (Pss)", 0, full.containers(), 0, 1);
        before.parts()
                .forEach(
                        (name, value) ->
                                line(
                                        text,
                                        name,
                                        value,
                                        full.parts().getOrDefault(name, 0L),
                                        after.parts().getOrDefault(name, 0L),
                                        1));
        text.append(
                String.format(
                        Locale.ROOT,
                        "%ncold start of one more service, ms: p50 %.2f alone (%d),"
                                + " p50 %.2f beside %d (%d)%n%n",
                        alone.millis(50),
                        alone.count(),
                        crowded.millis(50),
                        full.instances(),
                        crowded.count()));
        return text.append(Bar.lines(bars())).toString();
    }

    private void line(
            StringBuilder text, String name, long first, long second, long third, int sign) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-36s %10.1f %10.1f %10.1f %14.1f%n",
                        name,
                        first / MIB,
                        second / MIB,
                        third / MIB,
                        sign * (second - first) / 1024.0 / Math.max(1, full.instances())));
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        root.put("instances", full.instances());
        footprint(root.putObject("before"), before);
        footprint(root.putObject("full"), full);
        footprint(root.putObject("after"), after);
        root.putObject("coldStartP50Millis")
                .put("alone", alone.millis(50))
                .put("crowded", crowded.millis(50));
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }

    private static void footprint(ObjectNode into, Crowd.Footprint footprint) {
        into.put("memAvailable", Memory.available(footprint.meminfo()));
        into.put("containers", footprint.containers());
        footprint.parts().forEach(into::put);
    }
}
