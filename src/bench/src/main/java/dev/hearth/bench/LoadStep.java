package dev.hearth.bench;

import dev.hearth.bench.platform.Options;
import dev.hearth.bench.step.StepRun;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench load-step}: see {@code src/bench/scenario/load-step}. */
public final class LoadStep {
    private LoadStep() {}

    public static void main(String[] args) {
        Scenario.main(
                () ->
                        StepRun.run(
                                Options.parse("load-step", Set.of("--rounds", "--requests"), args),
                                Clock.system()));
    }
}
