package dev.hearth.bench;

import dev.hearth.bench.fleet.FleetRun;
import dev.hearth.bench.fleet.FleetSize;
import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.Clock;

/** {@code hearth bench fleet}: see {@code src/bench/scenario/fleet}. */
public final class Fleet {
    private Fleet() {}

    public static void main(String[] args) {
        Scenario.main(
                () -> {
                    Options options = Options.parse("fleet", FleetSize.OPTIONS, args);
                    return FleetRun.run(options, Clock.system());
                });
    }
}
