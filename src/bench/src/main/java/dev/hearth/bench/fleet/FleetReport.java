package dev.hearth.bench.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All figures of the scenario. */
record FleetReport(
        Map<String, String> facts,
        FleetSize size,
        RouteTableResult few,
        RouteTableResult all,
        HomesResult homes,
        Deciding deciding,
        Simulation.Result demand,
        Placing placing,
        Recovery recovery) {
    private static final double MIB = 1 << 20;

    /** A gateway's share of the services, and a tenth of that for chance. */
    private static final double SOME_MORE = 1.1;

    private static final double MOST_IMBALANCE = 2;
    private static final double MOST_RECOVERY_SECONDS = 10;

    /** How instances were placed, and lie at the end of the simulated time. */
    record Placing(SimulatedFleet.Placed placed, Spread instances, Spread memory) {
        static Placing of(SimulatedFleet fleet) {
            return new Placing(fleet.placed(), fleet.instances(), fleet.memory());
        }
    }

    List<Bar> bars() {
        return List.of(
                Bar.atMost(
                        "services that move when one of "
                                + size.gateways()
                                + " gateways goes at most 1.1 of its share",
                        homes.moved() * size.gateways(),
                        SOME_MORE,
                        "x"),
                Bar.atMost("none of them another gateway's", homes.movedNeedlessly(), 0, ""),
                Bar.atLeast(
                        "one autoscaler decides about all it remembers twice a second",
                        deciding.revisionsAtTwoASecond() / deciding.revisions(),
                        1,
                        "x"),
                Bar.atMost(
                        "instances on the fullest node at most twice the average",
                        placing.instances().imbalance(),
                        MOST_IMBALANCE,
                        "x"),
                Bar.atMost(
                        size.lostPercent() + " % of the nodes are made up for within 10 s",
                        recovery.millis() / 1000,
                        MOST_RECOVERY_SECONDS,
                        " s"));
    }

    String text() {
        StringBuilder text = new StringBuilder(MachineFacts.line(facts));
        line(
                text,
                "nodes, gateways, services",
                "%d, %d, %d".formatted(size.nodes(), size.gateways(), size.services()));
        text.append('\n');
        route(text, few);
        route(text, all);
        text.append('\n');
        line(text, "homes found a second", "%.0f", homes.perSecond());
        line(text, "services on gateways, max/mean", "%.3f", homes.spread().imbalance());
        line(text, "services that move when one goes", "%.4f", homes.moved());
        text.append('\n');
        line(
                text,
                "decisions a second, %d busy".formatted(deciding.revisions()),
                "%.0f",
                deciding.perSecond());
        line(text, "  revisions at a sample each 500 ms", "%.0f", deciding.revisionsAtTwoASecond());
        line(text, "  memory of each, KiB", "%.1f", deciding.bytesEach() / 1024);
        line(text, "  told to rest of as many", "%.2f", deciding.restsWithin());
        line(text, "  told to rest of twice as many", "%.2f", deciding.restsBeyond());
        text.append('\n');
        line(text, "requests in %d s".formatted(size.seconds()), "%d", demand.requests());
        line(text, "  cold starts", "%d", demand.coldStarts());
        line(text, "  services with instances at the end", "%d", demand.live());
        line(text, "  instances at the end", "%d", demand.instances());
        line(text, "  samples a second of each service", "%.2f", demand.samplesOfEach());
        line(text, "  decisions a second of one core", "%.0f", demand.decidesPerSecond());
        text.append('\n');
        line(text, "placements", "%d", placing.placed().decisions());
        line(text, "  a second", "%.0f", placing.placed().perSecond());
        line(text, "  where the image was", "%.3f", placing.placed().imageShare());
        line(text, "  instances on nodes, max/mean", "%.2f", placing.instances().imbalance());
        line(text, "  memory on nodes, max/mean", "%.2f", placing.memory().imbalance());
        text.append('\n');
        line(
                text,
                "%d nodes lost: starts".formatted(recovery.lostNodes()),
                "%d",
                recovery.starts());
        line(text, "  noticed after, ms", "%.0f", Recovery.NOTICE_MILLIS);
        line(text, "  placed by the busiest gateway in, ms", "%.0f", recovery.placingMillis());
        line(text, "  most starts on one node", "%d", recovery.mostOnNode());
        line(text, "  started there in, ms", "%.0f", recovery.startingMillis());
        line(text, "  where the image was", "%.3f", recovery.imageShare());
        line(text, "  all run again after, ms", "%.0f", recovery.millis());
        return text.append('\n').append(Bar.lines(bars())).toString();
    }

    private static void route(StringBuilder text, RouteTableResult r) {
        line(
                text,
                "route table of %d services, MiB".formatted(r.services()),
                "%.1f",
                r.tableBytes() / MIB);
        line(text, "  the gateway's part of it, MiB", "%.1f", r.gatewayBytes() / MIB);
        line(text, "  both for each service, bytes", "%.0f", r.bytesEach());
        line(text, "  services with their home there", "%d", r.homes());
        line(text, "  one change, ms", "%.4f", r.changeMillis());
        line(text, "  a round of ticks, ms", "%.2f", r.tickMillis());
    }

    private static void line(StringBuilder text, String what, String format, Object... figure) {
        text.append("%-42s %14s%n".formatted(what, String.format(Locale.ROOT, format, figure)));
    }

    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        root.putObject("size")
                .put("nodes", size.nodes())
                .put("services", size.services())
                .put("gateways", size.gateways())
                .put("rate", size.rate())
                .put("seconds", size.seconds())
                .put("lostPercent", size.lostPercent());
        for (RouteTableResult r : List.of(few, all)) {
            root.withArray("routeTables")
                    .addObject()
                    .put("services", r.services())
                    .put("tableBytes", r.tableBytes())
                    .put("gatewayBytes", r.gatewayBytes())
                    .put("homes", r.homes())
                    .put("changeMillis", r.changeMillis())
                    .put("tickMillis", r.tickMillis());
        }
        root.putObject("homes")
                .put("perSecond", homes.perSecond())
                .put("imbalance", homes.spread().imbalance())
                .put("moved", homes.moved())
                .put("movedNeedlessly", homes.movedNeedlessly());
        root.putObject("deciding")
                .put("revisions", deciding.revisions())
                .put("perSecond", deciding.perSecond())
                .put("bytesEach", deciding.bytesEach())
                .put("restsWithin", deciding.restsWithin())
                .put("restsBeyond", deciding.restsBeyond());
        root.putObject("demand")
                .put("requests", demand.requests())
                .put("coldStarts", demand.coldStarts())
                .put("live", demand.live())
                .put("instances", demand.instances())
                .put("samplesPerSecond", demand.samplesPerSecond())
                .put("decidesPerSecond", demand.decidesPerSecond());
        root.putObject("placing")
                .put("decisions", placing.placed().decisions())
                .put("perSecond", placing.placed().perSecond())
                .put("imageShare", placing.placed().imageShare())
                .put("instancesImbalance", placing.instances().imbalance())
                .put("memoryImbalance", placing.memory().imbalance());
        root.putObject("recovery")
                .put("lostNodes", recovery.lostNodes())
                .put("starts", recovery.starts())
                .put("busiestGateway", recovery.busiestGateway())
                .put("placementsPerSecond", recovery.placementsPerSecond())
                .put("mostOnNode", recovery.mostOnNode())
                .put("imageShare", recovery.imageShare())
                .put("millis", recovery.millis());
        Bar.json(bars(), root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }
}
