package dev.hearth.bench.fleet;

import dev.hearth.bench.platform.Options;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;

/** The steps of the fleet scenario. */
public final class FleetRun {
    private static final int FEW_SERVICES = 10_000;

    private FleetRun() {}

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException {
        FleetSize size = FleetSize.of(options);
        RouteTableResult few =
                RouteTableResult.measure(
                        Math.min(FEW_SERVICES, size.services()), size.gateways(), clock);
        RouteTableResult all = RouteTableResult.measure(size.services(), size.gateways(), clock);
        HomesResult homes = HomesResult.measure(size, clock);
        Deciding deciding = Deciding.measure(clock);
        Simulation simulation = new Simulation(size, clock);
        simulation.run();
        FleetReport.Placing placing = FleetReport.Placing.of(simulation.fleet());
        Simulation.Result demand = simulation.result();
        Recovery recovery = Recovery.measure(size, simulation);
        FleetReport report =
                new FleetReport(
                        MachineFacts.gather(),
                        size,
                        few,
                        all,
                        homes,
                        deciding,
                        demand,
                        placing,
                        recovery);
        System.out.print(report.text());
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return Bar.exitCode(report.bars());
    }
}
