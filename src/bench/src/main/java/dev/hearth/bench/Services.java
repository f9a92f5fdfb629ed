package dev.hearth.bench;

import dev.hearth.bench.platform.Options;
import dev.hearth.bench.services.ServicesRun;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench services}: see {@code src/bench/scenario/services}. */
public final class Services {
    private Services() {}

    public static void main(String[] args) {
        Scenario.main(
                () ->
                        ServicesRun.run(
                                Options.parse("services", Set.of("--services"), args),
                                Clock.system()));
    }
}
