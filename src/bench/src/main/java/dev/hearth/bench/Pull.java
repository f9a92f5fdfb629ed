package dev.hearth.bench;

import dev.hearth.bench.platform.Options;
import dev.hearth.bench.pull.PullRun;
import dev.hearth.contracts.Clock;
import java.util.Set;

/** {@code hearth bench pull}: see {@code src/bench/scenario/image-pull}. */
public final class Pull {
    private Pull() {}

    public static void main(String[] args) {
        Scenario.main(
                () ->
                        PullRun.run(
                                Options.parse("pull", Set.of("--rounds", "--cached"), args),
                                Clock.system()));
    }
}
