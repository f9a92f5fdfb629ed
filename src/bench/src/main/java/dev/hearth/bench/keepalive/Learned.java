package dev.hearth.bench.keepalive;

import dev.hearth.autoscaler.keepalive.IdleTimes;
import dev.hearth.autoscaler.keepalive.KeepAlive;
import java.util.BitSet;

/** The platform's own. */
record Learned(KeepAlive policy) implements Policy {
    @Override
    public String name() {
        return "Hearth";
    }

    @Override
    public Keeper keeper(double gib) {
        IdleTimes times = new IdleTimes();
        return new Keeper() {
            @Override
            public BitSet minutes(int horizon) {
                return policy.minutes(times, gib, horizon);
            }

            @Override
            public void ended(int minutes) {
                times.add(minutes);
            }
        };
    }
}
