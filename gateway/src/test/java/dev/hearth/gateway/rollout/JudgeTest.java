package dev.hearth.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.rollout.Judge.Both;
import dev.hearth.gateway.rollout.Judge.Move;
import dev.hearth.gateway.rollout.Judge.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final long BEFORE_ITS_TIME = Duration.ofSeconds(149).toNanos();
    private static final long ITS_TIME = Duration.ofSeconds(150).toNanos();
    private static final Both NOTHING = both(counts(0, 0, 0), counts(0, 0, 0));
    private static final GradualRollout ROLLOUT =
            GradualRollout.begin(
                    new UUID(1, 2),
                    new RevisionName("shop-green"),
                    true,
                    List.of(TrafficTarget.parse("shop-blue=100")),
                    RolloutPlan.parse("10m", ""),
                    Instant.EPOCH);

    /** So many requests, failures among them, and answers that took a time each. */
    private static Outcomes.Counts counts(int requests, int failed, int millis) {
        return slow(requests, failed, millis, 0, 0);
    }

    private static Outcomes.Counts slow(
            int requests, int failed, int millis, int slow, int slowMillis) {
        Outcomes outcomes = new Outcomes();
        for (int i = 0; i < requests; i++) {
            outcomes.answered(Duration.ofMillis(i < slow ? slowMillis : millis).toNanos());
            outcomes.ended(true, i < failed ? 500 : 200);
        }
        return outcomes.counts();
    }

    private static Both both(Outcomes.Counts old, Outcomes.Counts fresh) {
        return new Both(old, fresh);
    }

    private static Move decide(Both one, Both other, long nanos) {
        return Judge.decide(ROLLOUT, new Observed(one, other, nanos));
    }

    private static String why(Move move) {
        assertThat(move).isInstanceOf(Move.Back.class);
        return ((Move.Back) move).why();
    }

    @Test
    void decide_asGoodAsBefore_staysForItsTimeAndGoesForward() {
        Both alike = both(counts(2000, 20, 5), counts(100, 1, 6));

        assertThat(decide(alike, NOTHING, BEFORE_ITS_TIME)).isEqualTo(new Move.Stay());
        assertThat(decide(alike, NOTHING, ITS_TIME)).isEqualTo(new Move.Forward());
    }

    @Test
    void decide_nobodyCame_goesForwardByTime() {
        assertThat(decide(NOTHING, NOTHING, BEFORE_ITS_TIME)).isEqualTo(new Move.Stay());
        assertThat(decide(NOTHING, NOTHING, ITS_TIME)).isEqualTo(new Move.Forward());
    }

    @Test
    void decide_newOneFails_goesBackAtOnce() {
        Both bad = both(counts(400, 0, 5), counts(20, 10, 5));

        assertThat(why(decide(bad, NOTHING, 1)))
                .isEqualTo(
                        "at 1 % of the requests 10 of its 20 answers were 5xx, and 0 of the old"
                                + " revision's 400");
        // a step that is over makes nothing good
        assertThat(why(decide(NOTHING, bad, ITS_TIME))).contains("10 of its 20");
    }

    @Test
    void decide_fewFailures_maySaveTheRevisionButNotForLong() {
        // one failure of ten beside none of a thousand happens once in a hundred rollouts
        assertThat(decide(both(counts(1000, 0, 5), counts(10, 1, 5)), NOTHING, 1))
                .isEqualTo(new Move.Stay());
        assertThat(why(decide(both(counts(1000, 0, 5), counts(10, 3, 5)), NOTHING, 1)))
                .contains("3 of its 10");
        // fewer than ten say nothing
        assertThat(decide(both(counts(1000, 0, 5), counts(9, 9, 5)), NOTHING, 1))
                .isEqualTo(new Move.Stay());
        assertThat(decide(both(counts(9, 0, 5), counts(1000, 1000, 5)), NOTHING, 1))
                .isEqualTo(new Move.Stay());
    }

    @Test
    void decide_bothFailAlike_isNotTheNewOnesFault() {
        assertThat(decide(both(counts(1000, 900, 5), counts(100, 91, 5)), NOTHING, 1))
                .isEqualTo(new Move.Stay());
    }

    @Test
    void decide_certainButSmallRise_isLetPass() {
        // 0.1 % more of 100 000 is certain, and no reason
        assertThat(decide(both(counts(100_000, 100, 5), counts(100_000, 300, 5)), NOTHING, 1))
                .isEqualTo(new Move.Stay());
    }

    @Test
    void decide_slowerInBothTurns_goesBack() {
        Both slower = both(counts(1000, 0, 40), counts(100, 0, 200));

        assertThat(why(decide(slower, slower, 1)))
                .startsWith("at 1 % of the requests its p95 was 2")
                .contains("and the old revision's 4")
                .endsWith("(of 100 and 1000 answers)");
    }

    @Test
    void decide_slowerInOneTurn_mayBeAPauseOfTheMachine() {
        Both slower = both(counts(1000, 0, 40), counts(100, 0, 200));
        Both alike = both(counts(1000, 0, 40), counts(100, 0, 40));

        assertThat(decide(slower, alike, 1)).isEqualTo(new Move.Stay());
        assertThat(decide(alike, slower, 1)).isEqualTo(new Move.Stay());
    }

    @Test
    void decide_fewVerySlowOnes_showInP99() {
        Both tail = both(slow(5000, 0, 40, 25, 900), slow(500, 0, 40, 20, 900));

        assertThat(why(decide(tail, tail, 1))).contains("its p99 was 9");
    }

    @Test
    void decide_slowerWithinTheSlack_isLetPass() {
        // 2 ms and 15 ms: many times slower, and nobody notices
        Both slower = both(counts(1000, 0, 2), counts(100, 0, 15));
        assertThat(decide(slower, slower, 1)).isEqualTo(new Move.Stay());
        // too few answers
        Both few = both(counts(1000, 0, 40), counts(99, 0, 2000));
        assertThat(decide(few, few, 1)).isEqualTo(new Move.Stay());
    }
}
