package dev.hearth.autoscaler.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Decision;
import dev.hearth.contracts.Warmth;
import org.junit.jupiter.api.Test;

/** The warm ladder as a story: what an instance costs falls with the time nobody came. */
class RungTest {
    private static final long HOUR = 3_600_000;
    private static final Cost QUICK = new Cost(20, 64 << 20);
    private static final Cost SLOW = new Cost(3000, 256 << 20);

    private static Warmth after(long idleMillis, Cost cost, String rules) {
        return Rung.of(idleMillis, cost, TimeLine.spec(80, 0, 10, HOUR, rules));
    }

    @Test
    void ladder_slowStarter_goesDownToSwap() {
        assertThat(after(0, SLOW, "default")).isEqualTo(Warmth.READY);
        assertThat(after(1_999, SLOW, "default")).isEqualTo(Warmth.READY);
        // second 2: what it did after its answer is done
        assertThat(after(2_000, SLOW, "default")).isEqualTo(Warmth.IDLE);
        // second 10: what it had to send is sent
        assertThat(after(10_000, SLOW, "default")).isEqualTo(Warmth.FROZEN);
        // minute 5: its memory is better used by others
        assertThat(after(300_000, SLOW, "default")).isEqualTo(Warmth.PAGED);
    }

    /** 64 MiB come back in a quarter of a second: a start of 20 ms is quicker than that. */
    @Test
    void ladder_quickStarter_isNeverPaged() {
        assertThat(after(10_000, QUICK, "default")).isEqualTo(Warmth.FROZEN);
        assertThat(after(HOUR, QUICK, "default")).isEqualTo(Warmth.FROZEN);
    }

    @Test
    void ladder_ownerSaysSliver_noLower() {
        assertThat(after(HOUR, SLOW, "idle-cpu=sliver")).isEqualTo(Warmth.IDLE);
    }

    @Test
    void ladder_ownerSaysFull_notDownAtAll() {
        assertThat(after(HOUR, SLOW, "idle-cpu=full")).isEqualTo(Warmth.READY);
        TimeLine life = new TimeLine(TimeLine.spec(80, 0, 10, HOUR, "idle-cpu=full")).ready(1);
        life.seconds(2, 1);
        assertThat(life.seconds(60, 0).idleCpuMillis()).isEqualTo(1000);
    }

    @Test
    void decide_nobodyCame_frozenFromSecondTen_readyAgainWithTheNextRequest() {
        TimeLine life = new TimeLine(TimeLine.spec(80, 0, 10, HOUR)).ready(1);
        life.seconds(5, 1);
        Decision idle = life.seconds(9, 0);
        assertThat(idle.warmth()).isEqualTo(Warmth.IDLE);
        assertThat(idle.why()).doesNotContain("frozen");
        Decision frozen = life.seconds(1, 0);
        assertThat(frozen.warmth()).isEqualTo(Warmth.FROZEN);
        assertThat(frozen.instances()).isEqualTo(1);
        assertThat(frozen.why()).endsWith("; frozen: zero CPU until the next request");
        assertThat(life.seconds(1, 1).warmth()).isEqualTo(Warmth.READY);
    }

    @Test
    void decide_minimumNeverAsked_frozenToo() {
        TimeLine life = new TimeLine(TimeLine.spec(80, 2, 10, HOUR)).ready(2);
        Decision decision = life.seconds(20, 0);
        assertThat(decision.instances()).isEqualTo(2);
        assertThat(decision.warmth()).isEqualTo(Warmth.FROZEN);
    }
}
