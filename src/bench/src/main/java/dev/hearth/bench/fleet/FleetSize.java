package dev.hearth.bench.fleet;

import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.ServiceName;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What is simulated.
 *
 * @param rate requests a second, to all services together
 * @param seconds of simulated time
 * @param lostPercent of the nodes, which go at once at the end
 */
public record FleetSize(
        int nodes, int services, int gateways, int rate, int seconds, int lostPercent) {
    /** As the command line calls them. */
    public static final Set<String> OPTIONS =
            Set.of("--nodes", "--services", "--gateways", "--rate", "--seconds", "--lost");

    static FleetSize of(Options options) {
        return new FleetSize(
                options.number("--nodes", 1_000, 5_000),
                options.number("--services", 1_000_000, 3_000_000),
                options.number("--gateways", 20, 1_000),
                options.number("--rate", 1_000, 100_000),
                options.number("--seconds", 90, 3_600),
                options.number("--lost", 10, 90));
    }

    static String service(int index) {
        return "svc-%07d".formatted(index);
    }

    static ServiceName name(int index) {
        return new ServiceName(service(index));
    }

    /** The ids of so many gateways. */
    static List<String> gateways(int count) {
        return IntStream.range(0, count).mapToObj("gateway-%04d"::formatted).toList();
    }
}
