package dev.hearth.bench;

import dev.hearth.bench.churn.ChurnRun;
import dev.hearth.bench.platform.Options;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench churn}: see {@code src/bench/scenario/churn}. */
public final class Churn {
    private Churn() {}

    public static void main(String[] args) {
        Scenario.main(
                () ->
                        ChurnRun.run(
                                Options.parse("churn", Set.of("--cycles", "--parallel"), args),
                                Clock.system()));
    }
}
