package dev.hearth.runtime.instance;

import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which idle instances go first when memory is short: those whose start costs least for the memory
 * they hold, and that were used least, and longest ago. Greedy-dual keep-alive (Fuerst and Sharma,
 * "FaasCache", ASPLOS 2021):
 *
 * <pre>priority = clock at its last use + frequency × start cost ÷ memory</pre>
 *
 * <p>The clock is the highest priority of any that went, so that what is not used grows cheap in
 * comparison, however dear it once was. (Clock 0; one of 2 s and 100 MiB that was used 5 times has
 * 0 + 5 × 2000 ÷ 100 = 100, one of 20 ms and 10 MiB that was used 10 times has 20 and goes first.)
 * Not thread-safe.
 */
final class GreedyDual {
    private static final double MIB = 1 << 20;

    private volatile double clock;

    /**
     * One that could go.
     *
     * @param frequency how often instances of its revision were taken up for a request
     * @param clockAtUse {@link #clock} when it last was
     * @param startMillis that it took
     * @param memoryBytes in use
     */
    record Candidate(
            InstanceId id,
            RevisionName revision,
            long frequency,
            double clockAtUse,
            double startMillis,
            long memoryBytes) {
        double priority() {
            return clockAtUse + frequency * startMillis / Math.max(1, memoryBytes / MIB);
        }
    }

    /** The highest priority of any that went. */
    double clock() {
        return clock;
    }

    /**
     * Those that should go, the least worth first, until so many bytes are free; less where there
     * are not enough.
     *
     * @param spare how many of each revision may go
     */
    List<Candidate> choose(
            List<Candidate> idle, Map<RevisionName, Integer> spare, long wantedBytes) {
        Map<RevisionName, Integer> left = new HashMap<>(spare);
        List<Candidate> chosen = new ArrayList<>();
        long freed = 0;
        for (Candidate one :
                idle.stream().sorted(Comparator.comparingDouble(Candidate::priority)).toList()) {
            if (freed >= wantedBytes) {
                break;
            }
            if (left.merge(one.revision(), -1, Integer::sum) >= 0) {
                chosen.add(one);
                freed += one.memoryBytes();
                clock = Math.max(clock, one.priority());
            }
        }
        return chosen;
    }
}
