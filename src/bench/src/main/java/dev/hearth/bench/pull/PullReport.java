package dev.hearth.bench.pull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/** All of a pull run, and its bars. */
record PullReport(
        Map<String, String> facts,
        PullImages.Size size,
        List<HearthRound> rounds,
        Map<String, List<Pulled>> peers,
        Map<String, String> missing) {
    private static final String HEARTH = "Hearth: the whole deploy";
    private static final double MIB = 1 << 20;
    private static final double MOST_OF_BEST = 0.6;
    private static final double MOST_MEGABYTES = 150;
    private static final double MOST_BASE_MILLIS = 25;
    private static final double MOST_CACHED_MILLIS = 50;

    /** The bars, in its order. */
    List<Bar> bars() {
        double best =
                peers.values().stream()
                        .mapToDouble(p -> times("", p).millis(50))
                        .min()
                        .orElse(Double.NaN);
        return List.of(
                Bar.atMost(
                        "from an empty store at most 0.6 times the best of the others",
                        times("", ours()).millis(50) / best,
                        MOST_OF_BEST,
                        "x"),
                Bar.atMost(
                        "Hearth grows by at most 150 MB meanwhile, in every round",
                        most(ours()) / 1e6,
                        MOST_MEGABYTES,
                        " MB"),
                Bar.atMost(
                        "a base that is there costs at most 25 ms beside the own layer",
                        sibling().millis(50) - alone().millis(50),
                        MOST_BASE_MILLIS,
                        " ms"),
                Bar.atMost(
                        "an image that is there is resolved and ready within 50 ms",
                        cached().millis(50),
                        MOST_CACHED_MILLIS,
                        " ms"));
    }

    private List<Pulled> ours() {
        return rounds.stream().map(HearthRound::big).toList();
    }

    private Latencies alone() {
        return latencies("its own small layer, no base", HearthRound::aloneNanos);
    }

    private Latencies sibling() {
        return latencies("such a layer over a base that is there", HearthRound::siblingNanos);
    }

    private Latencies cached() {
        return new Latencies(
                "image that is there, new name",
                rounds.stream().flatMapToLong(r -> Arrays.stream(r.cachedNanos())).toArray());
    }

    private Latencies latencies(String name, ToLongFunction<HearthRound> nanos) {
        return new Latencies(name, rounds.stream().mapToLong(nanos).toArray());
    }

    private static Latencies times(String name, List<Pulled> pulls) {
        return new Latencies(name, pulls.stream().mapToLong(Pulled::nanos).toArray());
    }

    private static long most(List<Pulled> pulls) {
        return memory(pulls).max().orElse(0);
    }

    private static LongStream memory(List<Pulled> pulls) {
        return pulls.stream().mapToLong(Pulled::memory).sorted();
    }

    /** Tables for a person. */
    String text() {
        StringBuilder text = new StringBuilder(MachineFacts.line(facts)).append('\n');
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d layers, %.0f MB packed, %.0f MB unpacked%n%n",
                        size.layers(),
                        size.packed() / 1e6,
                        size.unpacked() / 1e6));
        text.append(
                "%-28s %4s %8s %8s %8s %9s %11s%n"
                        .formatted(
                                "from an empty store, s",
                                "n",
                                "p50",
                                "min",
                                "max",
                                "/hearth",
                                "memory, MiB"));
        line(text, HEARTH, ours());
        peers.forEach((name, pulls) -> line(text, name, pulls));
        missing.forEach((name, why) -> text.append("not measured: " + name + " (" + why + ")\n"));
        text.append("%n%-40s %4s %8s %8s %8s%n".formatted("deploy, ms", "n", "p50", "p90", "max"));
        for (Latencies l : List.of(alone(), sibling(), cached())) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-40s %4d %8.1f %8.1f %8.1f%n",
                            l.name(),
                            l.count(),
                            l.millis(50),
                            l.millis(90),
                            l.millis(100)));
        }
        return text.append('\n').append(Bar.lines(bars())).toString();
    }

    private void line(StringBuilder text, String name, List<Pulled> pulls) {
        Latencies l = times(name, pulls);
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-28s %4d %8.2f %8.2f %8.2f %8.2fx %11.0f%n",
                        name,
                        l.count(),
                        l.millis(50) / 1e3,
                        l.millis(0) / 1e3,
                        l.millis(100) / 1e3,
                        l.millis(50) / times("", ours()).millis(50),
                        most(pulls) / MIB));
    }

    /** The same for a program. */
    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        root.putObject("image")
                .put("layers", size.layers())
                .put("packedBytes", size.packed())
                .put("unpackedBytes", size.unpacked());
        ArrayNode pulls = root.putArray("fromEmptyStore");
        json(pulls, HEARTH, ours());
        peers.forEach((name, measured) -> json(pulls, name, measured));
        ObjectNode absent = root.putObject("notMeasured");
        missing.forEach(absent::put);
        ArrayNode deploys = root.putArray("deploys");
        for (Latencies l : List.of(alone(), sibling(), cached())) {
            deploys.addObject()
                    .put("name", l.name())
                    .put("n", l.count())
                    .put("p50Millis", l.millis(50))
                    .put("p90Millis", l.millis(90))
                    .put("maxMillis", l.millis(100));
        }
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }

    private static void json(ArrayNode into, String name, List<Pulled> pulls) {
        ObjectNode one = into.addObject().put("name", name);
        ArrayNode millis = one.putArray("millis");
        pulls.forEach(p -> millis.add(p.nanos() / 1e6));
        one.put("p50Millis", times(name, pulls).millis(50));
        ArrayNode memory = one.putArray("memoryBytes");
        pulls.forEach(p -> memory.add(p.memory()));
    }
}
