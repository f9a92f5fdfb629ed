package dev.hearth.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskSpreadTest {
    private static final ServiceName CROWD = new ServiceName("crowd");

    private final TaskSpread spread = new TaskSpread();

    private static RevisionSpec attempt(String job, int number) {
        return Revisions.of(
                job, number, new Scaling(1, 0, 1, Duration.ofSeconds(60)), Duration.ofSeconds(300));
    }

    @Test
    void of_countsAJobsAttemptsByNode_untilTheyAreOver() {
        spread.placed(attempt("crowd", 1), "a");
        spread.placed(attempt("crowd", 2), "a");
        spread.placed(attempt("crowd", 3), "b");
        spread.placed(attempt("other", 1), "a");
        assertThat(spread.of(CROWD)).isEqualTo(Map.of("a", 2, "b", 1));

        spread.over(attempt("crowd", 1).name());
        spread.over(attempt("crowd", 1).name()); // told twice
        spread.over(attempt("crowd", 3).name());
        assertThat(spread.of(CROWD)).isEqualTo(Map.of("a", 1));
    }

    @Test
    void placed_again_countsWhereItIsNow() {
        spread.placed(attempt("crowd", 1), "a");
        spread.placed(attempt("crowd", 1), "b");

        assertThat(spread.of(CROWD)).isEqualTo(Map.of("b", 1));
    }

    @Test
    void placed_moreThanAreRemembered_theEldestAreForgotten() {
        for (int i = 0; i <= TaskSpread.MOST; i++) {
            spread.placed(attempt("crowd", i + 1), i == 0 ? "eldest" : "b");
        }

        assertThat(spread.of(CROWD)).isEqualTo(Map.of("b", TaskSpread.MOST));
    }
}
