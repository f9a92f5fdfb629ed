package dev.hearth.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.LogPage;
import dev.hearth.gateway.fleet.Placement.Candidate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final long GIB = 1L << 30;

    private static Candidate node(String name, boolean hasImage, int instances) {
        return new Candidate(name, hasImage, instances, 16 * GIB, 12 * GIB, 4000, 3000, true);
    }

    @Test
    void first_goesWhereTheImageIs() {
        assertThat(
                        Placement.choose(
                                "r",
                                GIB,
                                List.of(
                                        node("a", false, 0),
                                        node("b", true, 0),
                                        node("c", false, 0))))
                .contains("b");
    }

    @Test
    void more_spreadOverNodesThoughTheyMustPull() {
        Map<String, Integer> there = new HashMap<>(Map.of("a", 0, "b", 0, "c", 0));
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            List<Candidate> now = new ArrayList<>();
            // whoever has an instance has the image
            there.forEach((n, count) -> now.add(node(n, n.equals("a") || count > 0, count)));
            String chosen = Placement.choose("r", GIB, now).orElseThrow();
            order.add(chosen);
            there.merge(chosen, 1, Integer::sum);
        }
        assertThat(order.subList(0, 2)).containsExactly("a", "a");
        assertThat(there.values()).containsExactly(2, 2, 2);
    }

    @Test
    void nodeWithoutTheMemory_isLeftOut() {
        Candidate full = new Candidate("a", true, 0, 16 * GIB, GIB / 2, 4000, 4000, true);
        assertThat(Placement.choose("r", GIB, List.of(full, node("b", false, 9)))).contains("b");
        assertThat(Placement.choose("r", GIB, List.of(full))).isEmpty();
        assertThat(Placement.choose("r", GIB, List.of())).isEmpty();
    }

    @Test
    void nodesWithTheImage_theLessUsedIsChosen() {
        Candidate busy = new Candidate("a", true, 0, 16 * GIB, 4 * GIB, 4000, -1000, true);
        Candidate idle = new Candidate("b", true, 0, 16 * GIB, 15 * GIB, 4000, 4000, true);
        assertThat(Placement.choose("r", GIB, List.of(busy, idle))).contains("b");
    }

    @Test
    void nodesThatAreAlike_eachRevisionHasItsFavourite() {
        List<Candidate> alike =
                List.of(node("a", false, 0), node("b", false, 0), node("c", false, 0));
        Map<String, Integer> chosen = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            chosen.merge(Placement.choose("r" + i, GIB, alike).orElseThrow(), 1, Integer::sum);
        }
        assertThat(chosen.values()).allSatisfy(n -> assertThat(n).isBetween(60, 140));
        assertThat(Placement.choose("r1", GIB, alike))
                .isEqualTo(Placement.choose("r1", GIB, alike.reversed()));
    }

    @Test
    void oneNodeOfManyIsEmptiest_notAllRevisionsStartThere() {
        List<Candidate> nodes = new ArrayList<>();
        nodes.add(new Candidate("empty", false, 0, 16 * GIB, 16 * GIB, 4000, 4000, true));
        for (int i = 0; i < 99; i++) {
            nodes.add(new Candidate("n" + i, false, 0, 16 * GIB, 8 * GIB, 4000, 2000, true));
        }
        Map<String, Integer> chosen = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            chosen.merge(Placement.choose("r" + i, GIB, nodes).orElseThrow(), 1, Integer::sum);
        }
        // eight nodes of a hundred are compared for each
        assertThat(chosen.get("empty")).isBetween(50, 120);
        assertThat(chosen).hasSizeGreaterThan(90);
    }

    @Test
    void manyInstancesOfOneRevision_goToOtherNodesThanItsFirstFew() {
        Map<String, Integer> there = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            there.put("n" + i, 0);
        }
        for (int i = 0; i < 100; i++) {
            List<Candidate> now = new ArrayList<>();
            there.forEach((n, count) -> now.add(node(n, true, count)));
            there.merge(Placement.choose("r", GIB, now).orElseThrow(), 1, Integer::sum);
        }
        assertThat(there.values()).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(2));
    }

    @Test
    void logsOfManyNodes_areReadOnWhereEachEnded() {
        FleetLogs first = FleetLogs.parse("");
        assertThat(first.of("10.0.0.1:8082")).isEmpty();
        first.add(
                "10.0.0.1:8082",
                new LogPage(List.of(new LogPage.Line("r-1", "i-1", "one")), "x:1,y=2~"));
        first.add("10.0.0.2:8082", new LogPage(List.of(new LogPage.Line("r-1", "i-2", "two")), ""));
        assertThat(first.page().lines())
                .extracting(LogPage.Line::text)
                .containsExactly("one", "two");
        FleetLogs next = FleetLogs.parse(first.page().cursor());
        assertThat(next.of("10.0.0.1:8082")).isEqualTo("x:1,y=2~");
        assertThat(next.of("10.0.0.2:8082")).isEmpty();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> FleetLogs.parse("garbage"))
                .hasMessageContaining("cursor");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> FleetLogs.parse("a=%%"))
                .hasMessageContaining("cursor");
    }

    @Test
    void logsOfManyNodes_boundedInAll_andNothingIsPassedOverWhenTheyGoOn() {
        List<LogPage.Line> much =
                Collections.nCopies(3000, new LogPage.Line("r-1", "i-1", "x".repeat(1000)));
        FleetLogs last = FleetLogs.parse("");
        for (int i = 0; i < 20; i++) {
            last.add("10.0.0." + i + ":8082", new LogPage(much, "c" + i));
            assertThat(last.isFull()).isFalse();
        }
        assertThat(last.page().lines()).hasSize((2 << 20) / 1000);

        FleetLogs next = FleetLogs.parse(last.page().cursor());
        next.add("10.0.0.0:8082", new LogPage(much, "later"));
        assertThat(next.isFull()).isTrue();
        assertThat(next.page().lines()).hasSize(3000);
        FleetLogs after = FleetLogs.parse(next.page().cursor());
        assertThat(after.of("10.0.0.0:8082")).isEqualTo("later");
        assertThat(after.of("10.0.0.1:8082")).isEqualTo("c1"); // it was not asked
    }
}
