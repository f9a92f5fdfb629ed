package dev.hearth.gateway.acme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ProjectName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrdersTest {
    private static final ProjectName GREEDY = new ProjectName("greedy");
    private static final ProjectName OTHER = new ProjectName("other");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Orders orders = new Orders();

    private int ordersOf(ProjectName project, Instant at) {
        int count = 0;
        while (orders.next(Set.of(project), at).isPresent()) {
            orders.made(project, at);
            count++;
        }
        return count;
    }

    @Test
    void next_oneProject_halfOfAllInAnHour() {
        assertThat(ordersOf(GREEDY, NOW)).isEqualTo(Orders.EACH_AN_HOUR);
        assertThat(ordersOf(GREEDY, NOW.plus(Duration.ofMinutes(59)))).isZero();
        assertThat(ordersOf(GREEDY, NOW.plus(Duration.ofMinutes(60))))
                .isEqualTo(Orders.EACH_AN_HOUR);
    }

    @Test
    void next_anotherWantsOne_hasItsTurnBeforeTheGreedyOne() {
        ordersOf(GREEDY, NOW);
        assertThat(orders.next(Set.of(GREEDY, OTHER), NOW)).contains(OTHER);
    }

    @Test
    void next_byTurns() {
        orders.made(OTHER, NOW);
        assertThat(orders.next(Set.of(GREEDY, OTHER), NOW)).contains(GREEDY);
        orders.made(GREEDY, NOW);
        orders.made(GREEDY, NOW);
        assertThat(orders.next(Set.of(GREEDY, OTHER), NOW)).contains(OTHER);
    }

    @Test
    void next_allUsedUp_everybodyWaits() {
        ordersOf(GREEDY, NOW);
        ordersOf(OTHER, NOW);
        assertThat(orders.next(Set.of(new ProjectName("third")), NOW)).isEmpty();
    }

    @Test
    void next_nobodyWants_nobodysTurn() {
        assertThat(orders.next(Set.of(), NOW)).isEqualTo(Optional.empty());
    }
}
