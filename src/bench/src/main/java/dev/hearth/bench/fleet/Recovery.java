package dev.hearth.bench.fleet;

import dev.hearth.gateway.peer.Rendezvous;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How long until what lost nodes had runs again, should all of it be started anew.
 *
 * @param lostNodes that went at once
 * @param starts to be done
 * @param busiestGateway of these, those that one gateway decides about, at most
 * @param placementsPerSecond of one gateway
 * @param mostOnNode starts that one node gets, at most, when all are decided between two heartbeats
 * @param imageShare of starts where the image was
 */
record Recovery(
        int lostNodes,
        int starts,
        int busiestGateway,
        double placementsPerSecond,
        int mostOnNode,
        double imageShare) {
    /** Silence after which a node counts as lost, and the look that notices; see {@code Nodes}. */
    static final double NOTICE_MILLIS = 2_750;

    /** A node's start after the one before it; see BENCHMARKS.md, "Cold start". */
    static final double START_MILLIS = 3;

    static Recovery measure(FleetSize size, Simulation simulation) {
        SimulatedFleet fleet = simulation.fleet();
        int lost = fleet.size() * size.lostPercent() / 100;
        fleet.mark();
        Set<SimulatedNode> gone = fleet.lose(lost);
        List<String> services = simulation.replace(gone);
        Map<String, Integer> byGateway = new HashMap<>();
        List<String> gateways = FleetSize.gateways(size.gateways());
        for (String service : services) {
            byGateway.merge(Rendezvous.choose(service, gateways).orElseThrow(), 1, Integer::sum);
        }
        return new Recovery(
                lost,
                services.size(),
                byGateway.values().stream().mapToInt(n -> n).max().orElse(0),
                fleet.placed().perSecond(),
                fleet.mostStarts(),
                fleet.placed().imageShare());
    }

    double placingMillis() {
        return starts == 0 ? 0 : busiestGateway / placementsPerSecond * 1000;
    }

    double startingMillis() {
        return mostOnNode * START_MILLIS;
    }

    /** From the moment that the nodes go; pulls of images are not in it. */
    double millis() {
        return NOTICE_MILLIS + placingMillis() + startingMillis();
    }
}
