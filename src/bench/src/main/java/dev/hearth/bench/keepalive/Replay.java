package dev.hearth.bench.keepalive;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A day under a policy, by the minute and with executions that take no time, as the paper of the
 * hybrid histogram does it: minutes with invocations are active, the first one is a cold start, and
 * each further one is unless an instance is there in it. Memory of a function without an invocation
 * in a minute, but with an instance, is wasted; so is that of the minute in which one is waited
 * for.
 *
 * @param coldStarts of all functions
 * @param rate75 75th percentile over the functions of cold starts to active minutes
 * @param wastedGibHours memory that was held by idle functions, over the time it was
 */
record Replay(String policy, int coldStarts, double rate75, double wastedGibHours) {

    static Replay of(Policy policy, List<Recorded> functions, int minutes) {
        int coldStarts = 0;
        double wasted = 0;
        double[] rates = new double[functions.size()];
        for (int i = 0; i < rates.length; i++) {
            Recorded f = functions.get(i);
            Policy.Keeper keeper = policy.keeper(f.gib());
            int cold = 1;
            int idleMinutes = 0;
            for (int next = 1; next <= f.minutes().length; next++) {
                boolean last = next == f.minutes().length;
                int idle = (last ? minutes : f.minutes()[next]) - f.minutes()[next - 1] - 1;
                if (idle == 0) {
                    continue;
                }
                BitSet there = keeper.minutes(idle);
                idleMinutes += there.cardinality();
                if (!last) {
                    cold += there.get(idle) ? 0 : 1;
                    keeper.ended(idle);
                }
            }
            coldStarts += cold;
            wasted += idleMinutes * f.gib() / 60;
            rates[i] = cold / (double) f.minutes().length;
        }
        Arrays.sort(rates);
        return new Replay(policy.name(), coldStarts, rates[(int) (rates.length * 0.75)], wasted);
    }
}
