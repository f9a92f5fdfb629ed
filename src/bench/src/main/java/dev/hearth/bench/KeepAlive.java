package dev.hearth.bench;

import dev.hearth.bench.keepalive.KeepAliveRun;
import dev.hearth.bench.platform.Options;
import java.util.Set;

/** {@code hearth bench keep-alive}: see {@code src/bench/scenario/keep-alive}. */
public final class KeepAlive {
    private KeepAlive() {}

    public static void main(String[] args) {
        Scenario.main(() -> KeepAliveRun.run(Options.parse("keep-alive", Set.of("--trace"), args)));
    }
}
