package dev.hearth.bench.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * All of a gateway run, and its bars.
 *
 * @param rate of the steady stretches, in requests a second
 * @param missing what was not measured, and why
 */
record GatewayReport(
        Map<String, String> facts,
        List<Standing> standings,
        double rate,
        Optional<RouteTable> table,
        Optional<IdleConnections> idle,
        Optional<Streams> streams,
        Map<String, String> missing) {
    private static final double MIB = 1 << 20;
    private static final double KIB = 1 << 10;
    private static final double LEAST_OF_HAPROXY = 1;
    private static final double MOST_CPU = 1.3;
    private static final double MOST_ADDED = 1.5;
    private static final double MOST_TAIL = 2;
    private static final double MOST_TABLE_PERCENT = 5;
    private static final double MOST_IDLE_KIB = 16;
    private static final double LEAST_STREAM = 0.8;

    /** The bars, in its order. */
    List<Bar> bars() {
        return List.of(
                Bar.atLeast(
                        "requests/s at least HAProxy's",
                        hearth(Standing::perSecond) / of(Contestant.HAPROXY, Standing::perSecond),
                        LEAST_OF_HAPROXY,
                        "x"),
                Bar.atMost(
                        "CPU per request at most 1.3 times nginx's, at full load",
                        ofNginx(Standing::busyCpu),
                        MOST_CPU,
                        "x"),
                Bar.atMost(
                        "CPU per request at most 1.3 times nginx's, at the fixed rate",
                        ofNginx(Standing::steadyCpu),
                        MOST_CPU,
                        "x"),
                Bar.atMost(
                        "added p50 at one connection at most 1.5 times nginx's",
                        ofNginx(s -> s.aloneMedian() - direct()),
                        MOST_ADDED,
                        "x"),
                Bar.atMost(
                        "p99 at the fixed rate at most 2 times nginx's",
                        ofNginx(Standing::steadyTail),
                        MOST_TAIL,
                        "x"),
                Bar.atMost(
                        table.map(RouteTable::services).orElse(0)
                                + " services cost at most 5 % of requests/s against ten",
                        table.map(GatewayReport::costPercent).orElse(Double.NaN),
                        MOST_TABLE_PERCENT,
                        " %"),
                Bar.atMost(
                        "an idle connection costs at most 16 KB",
                        idle.map(i -> i.bytesEach() / KIB).orElse(Double.NaN),
                        MOST_IDLE_KIB,
                        " KiB"),
                Bar.atLeast(
                        "WebSocket echo at least 0.8 times nginx's",
                        streams.map(Streams::echoRatio).orElse(Double.NaN),
                        LEAST_STREAM,
                        "x"),
                Bar.atLeast(
                        "a large download at least 0.8 times nginx's",
                        streams.map(Streams::downloadRatio).orElse(Double.NaN),
                        LEAST_STREAM,
                        "x"));
    }

    private static double costPercent(RouteTable table) {
        double few = Standing.median(table.few(), Load::perSecond);
        double many = Standing.median(table.many(), Load::perSecond);
        return 100 * (1 - many / few);
    }

    private double hearth(ToDoubleFunction<Standing> figure) {
        return of(Contestant.HEARTH, figure);
    }

    private double direct() {
        return of(Contestant.DIRECT, Standing::aloneMedian);
    }

    /** Hearth's times nginx's; NaN when nginx's is nothing, so that there is no telling. */
    private double ofNginx(ToDoubleFunction<Standing> figure) {
        double nginx = nginx(figure);
        return nginx > 0 ? hearth(figure) / nginx : Double.NaN;
    }

    /** Of the number of workers that took more requests. */
    private double nginx(ToDoubleFunction<Standing> figure) {
        return standings.stream()
                .filter(s -> s.name().startsWith(Contestant.NGINX))
                .max(Comparator.comparingDouble(Standing::perSecond))
                .map(figure::applyAsDouble)
                .orElse(Double.NaN);
    }

    private double of(String name, ToDoubleFunction<Standing> figure) {
        return standings.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .map(figure::applyAsDouble)
                .orElse(Double.NaN);
    }

    /** Tables for a person. */
    String text() {
        StringBuilder text = new StringBuilder(MachineFacts.line(facts)).append('\n');
        text.append(
                "%-20s %9s %8s %8s %8s %8s %8s %8s %8s %6s%n"
                        .formatted("", "at c=64", "", "at c=1", "", "at rate", "", "", "", ""));
        text.append(
                "%-20s %9s %8s %8s %8s %8s %8s %8s %8s %6s%n"
                        .formatted(
                                "", "req/s", "CPU µs", "p50 µs", "p99", "p50 µs", "p99", "CPU µs",
                                "MiB", "wrong"));
        for (Standing s : standings) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-20s %9.0f %8.1f %8.0f %8.0f %8.0f %8.0f %8.1f %8.1f %6d%n",
                            s.name(),
                            s.perSecond(),
                            s.busyCpu(),
                            s.aloneMedian(),
                            s.aloneTail(),
                            s.steadyMedian(),
                            s.steadyTail(),
                            s.steadyCpu(),
                            s.memoryMedian() / MIB,
                            s.wrong()));
        }
        text.append(String.format(Locale.ROOT, "%nthe rate: %.0f requests/s%n", rate));
        table.ifPresent(
                t ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "services: 10 %.0f requests/s, %d %.0f requests/s"
                                                + " (deployed in %d s)%n",
                                        Standing.median(t.few(), Load::perSecond),
                                        t.services(),
                                        Standing.median(t.many(), Load::perSecond),
                                        t.deploying().toSeconds())));
        idle.ifPresent(
                i ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "%d idle connections: %.1f MiB resident, %.1f MiB heap%n",
                                        i.connections(),
                                        i.resident() / MIB,
                                        i.heap() / MIB)));
        streams.ifPresent(s -> text.append(s.text()));
        missing.forEach((name, why) -> text.append("not measured: " + name + " (" + why + ")\n"));
        return text.append('\n').append(Bar.lines(bars())).toString();
    }

    /** The same for a program, with every stretch. */
    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        root.put("fixedRatePerSecond", rate);
        ArrayNode contestants = root.putArray("contestants");
        for (Standing s : standings) {
            ObjectNode one = contestants.addObject().put("name", s.name());
            loads(one.putArray("connections64"), s.busiest());
            loads(one.putArray("connections1"), s.alone());
            loads(one.putArray("fixedRate"), s.steady());
            ArrayNode memory = one.putArray("memoryBytes");
            s.memory().forEach(memory::add);
        }
        table.ifPresent(
                t -> {
                    ObjectNode services = root.putObject("routeTable");
                    services.put("services", t.services());
                    services.put("deploySeconds", t.deploying().toSeconds());
                    loads(services.putArray("ten"), t.few());
                    loads(services.putArray("all"), t.many());
                });
        idle.ifPresent(
                i ->
                        root.putObject("idleConnections")
                                .put("connections", i.connections())
                                .put("residentBytes", i.resident())
                                .put("heapBytes", i.heap()));
        streams.ifPresent(s -> s.json(root.putObject("streams")));
        ObjectNode absent = root.putObject("notMeasured");
        missing.forEach(absent::put);
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }

    private static void loads(ArrayNode into, List<Load> loads) {
        for (Load l : loads) {
            into.addObject()
                    .put("requestsPerSecond", l.perSecond())
                    .put("p50Micros", l.p50Micros())
                    .put("p99Micros", l.p99Micros())
                    .put("requests", l.requests())
                    .put("wrong", l.wrong())
                    .put("proxyCpuMicros", l.cpuMicros());
        }
    }
}
