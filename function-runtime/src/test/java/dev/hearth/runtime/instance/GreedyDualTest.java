package dev.hearth.runtime.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionName;
import dev.hearth.runtime.instance.GreedyDual.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who goes first when memory is short, as a story. */
class GreedyDualTest {
    private static final long MIB = 1 << 20;

    private final GreedyDual greedyDual = new GreedyDual();
    private final Map<String, Candidate> kept = new HashMap<>();

    /** One is taken up for a request, and rests again. */
    private void use(String name, double startMillis, long mib) {
        Candidate before = kept.get(name);
        kept.put(
                name,
                new Candidate(
                        before == null ? InstanceId.of(name.hashCode()) : before.id(),
                        new RevisionName(name + "-00001-abc"),
                        before == null ? 1 : before.frequency() + 1,
                        greedyDual.clock(),
                        startMillis,
                        mib * MIB));
    }

    private List<String> evict(long mib, Map<String, Integer> spare) {
        Map<RevisionName, Integer> byRevision = new HashMap<>();
        kept.keySet()
                .forEach(
                        name ->
                                byRevision.put(
                                        new RevisionName(name + "-00001-abc"),
                                        spare.getOrDefault(name, 1)));
        List<String> names = new ArrayList<>();
        for (Candidate c : greedyDual.choose(List.copyOf(kept.values()), byRevision, mib * MIB)) {
            String name = c.revision().value().replace("-00001-abc", "");
            kept.remove(name);
            names.add(name);
        }
        return names;
    }

    private List<String> evict(long mib) {
        return evict(mib, Map.of());
    }

    @Test
    void choose_likeUse_theCheapestStartForItsMemoryGoesFirst() {
        use("quick", 20, 100);
        use("slow", 3000, 100);
        use("large", 3000, 2000);
        assertThat(evict(1)).containsExactly("quick");
        assertThat(evict(1)).containsExactly("large");
        assertThat(evict(1)).containsExactly("slow");
        assertThat(evict(1)).isEmpty();
    }

    @Test
    void choose_usedOften_stays() {
        use("often", 100, 100);
        for (int i = 0; i < 9; i++) {
            use("often", 100, 100);
        }
        use("once", 500, 100);
        assertThat(evict(1)).containsExactly("once");
    }

    @Test
    void choose_asManyAsNeeded_andNoMore() {
        use("a", 10, 100);
        use("b", 20, 100);
        use("c", 30, 100);
        assertThat(evict(150)).containsExactly("a", "b");
    }

    @Test
    void choose_ofTheMinimum_none() {
        use("kept", 10, 100);
        use("spare", 500, 100);
        assertThat(evict(1000, Map.of("kept", 0))).containsExactly("spare");
    }

    /**
     * Once dear and never used again, it goes in the end: with each that goes the clock moves on,
     * and what is used begins there.
     */
    @Test
    void clock_movesOn_whatIsNotUsedAgesAndGoes() {
        for (int i = 0; i < 20; i++) {
            use("forgotten", 500, 100); // 20 × 500 ÷ 100 = 100
        }
        int rounds = 0;
        boolean gone = false;
        while (!gone && rounds < 1000) {
            use("new-" + rounds, 1000, 100); // the clock and 10
            gone = evict(1).contains("forgotten");
            rounds++;
        }
        // after ten of them new ones begin above 100
        assertThat(rounds).isBetween(10, 12);
    }

    @Test
    void priority_isThePapersFormula() {
        Candidate c =
                new Candidate(
                        InstanceId.of(1), new RevisionName("a-00001-abc"), 5, 7, 2000, 100 * MIB);
        assertThat(c.priority()).isEqualTo(7 + 5 * 2000 / 100.0);
    }
}
