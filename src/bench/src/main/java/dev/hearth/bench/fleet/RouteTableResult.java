package dev.hearth.bench.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.usage.Metering;
import java.util.List;
import java.util.Map;

/**
 * The routes of all services on one gateway of many: the catalog's part of it, and the gateway's
 * own, with a pool for each service that it is the home of.
 *
 * @param tableBytes of the routes, and the announcer's map of them
 * @param gatewayBytes of what the gateway makes of them
 * @param homes services that this gateway sees to
 * @param changeMillis from one changed service to a gateway that routes by it, as the announcer
 *     tells of it
 * @param tickMillis for a round of the sampler's ticks over the pools that are awake, of which
 *     there are 20 a second
 */
record RouteTableResult(
        int services,
        long tableBytes,
        long gatewayBytes,
        int homes,
        double changeMillis,
        double tickMillis) {
    private static final int LEAST_ROUNDS = 3;

    /** Of few services more rounds, until the code is warm. */
    private static final int SERVICES_IN_ALL = 300_000;

    static RouteTableResult measure(int services, int gateways, Clock clock) {
        List<String> ids = FleetSize.gateways(gateways);
        long empty = Heap.used(ids);
        Map<ServiceName, Route> routes = Services.routes(services);
        long told = Heap.used(routes);
        Traffic traffic =
                new Traffic(
                        new Routes(new HostNames("example.com")),
                        new NoNodes(),
                        clock,
                        Metering.UNREAD,
                        new FirstGatewayHomes(ids));
        traffic.replace(new RouteTable(routes));
        long routed = Heap.used(routes, traffic);
        int rounds = Math.max(LEAST_ROUNDS, SERVICES_IN_ALL / services);
        double change = Double.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            long begun = clock.nanos();
            change(routes, i % services, traffic);
            change = Math.min(change, (clock.nanos() - begun) / 1e6);
        }
        return new RouteTableResult(
                services,
                told - empty,
                routed - told,
                traffic.pools().size(),
                change,
                tick(traffic, clock));
    }

    /** As the announcer does when a service has a new revision. */
    private static void change(Map<ServiceName, Route> routes, int index, Traffic traffic) {
        Route route = Route.to(Services.revision(index));
        routes.put(FleetSize.name(index), route);
        traffic.route(FleetSize.name(index), route);
    }

    private static double tick(Traffic traffic, Clock clock) {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < LEAST_ROUNDS; i++) {
            long begun = clock.nanos();
            traffic.awake().forEach(RevisionPool::tick);
            least = Math.min(least, (clock.nanos() - begun) / 1e6);
        }
        return least;
    }

    double bytesEach() {
        return (double) (tableBytes + gatewayBytes) / services;
    }
}
