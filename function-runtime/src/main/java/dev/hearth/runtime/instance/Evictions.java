package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceId;
import dev.hearth.runtime.pressure.MemoryWatch;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * While the node's memory is short, asks for idle instances to be stopped. Whoever sends them
 * requests is asked, who lets none in any more before it stops one: the node knows what is idle,
 * the gateway what is about to be used. One caller at a time.
 */
public final class Evictions {
    /** One that was asked for and is still there was wanted after all; others are asked for. */
    static final Duration ASKED_AGAIN = Duration.ofSeconds(10);

    private final Instances instances;
    private final MemoryWatch memory;
    private final Consumer<InstanceId> ask;
    private final Clock clock;
    private final Map<InstanceId, Long> asked = new HashMap<>();

    public Evictions(
            Instances instances, MemoryWatch memory, Consumer<InstanceId> ask, Clock clock) {
        this.instances = instances;
        this.memory = memory;
        this.ask = ask;
        this.clock = clock;
    }

    /** To be called every second. */
    public void look() {
        long now = clock.nanos();
        asked.values().removeIf(at -> now - at >= ASKED_AGAIN.toNanos());
        long wanted = memory.wanted();
        if (wanted == 0) {
            return;
        }
        List<GreedyDual.Candidate> chosen = instances.toEvict(wanted, asked.keySet());
        for (GreedyDual.Candidate one : chosen) {
            asked.put(one.id(), now);
            ask.accept(one.id());
        }
    }
}
