package dev.hearth.bench;

import dev.hearth.bench.density.DensityRun;
import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench density}: see {@code src/bench/scenario/density}. */
public final class Density {
    private Density() {}

    public static void main(String[] args) {
        Scenario.main(
                () ->
                        DensityRun.run(
                                Options.parse("density", Set.of("--instances", "--starts"), args),
                                Clock.system()));
    }
}
