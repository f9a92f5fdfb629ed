package dev.hearth.bench;

import dev.hearth.bench.gateway.GatewayRun;
import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench gateway}: see {@code src/bench/scenario/gateway}. */
public final class Gateway {
    private static final Set<String> NAMES =
            Set.of(
                    "--rounds",
                    "--seconds",
                    "--warm-seconds",
                    "--services",
                    "--idle",
                    "--download-mb");

    private Gateway() {}

    public static void main(String[] args) {
        Scenario.main(() -> GatewayRun.run(Options.parse("gateway", NAMES, args), Clock.system()));
    }
}
