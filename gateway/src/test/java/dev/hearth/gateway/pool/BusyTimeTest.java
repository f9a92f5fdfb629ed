package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyTimeTest {
    private static final long MILLI = 1_000_000;

    private final Sums sums = new Sums();
    private BusyTime busy = new BusyTime(sums, 0);

    /** What is billed follows what was billed, without a gap or an overlap within a stretch. */
    private static final class Sums implements BusyTime.Bill {
        private long billed;
        private long idle;
        private long until = Long.MIN_VALUE;

        @Override
        public void billed(long fromNanos, long nanos) {
            after(fromNanos, nanos);
            billed += nanos;
        }

        @Override
        public void idle(long fromNanos, long nanos) {
            after(fromNanos, nanos);
            idle += nanos;
        }

        private void after(long fromNanos, long nanos) {
            assertThat(fromNanos).isGreaterThanOrEqualTo(until);
            assertThat(nanos).isPositive();
            until = fromNanos + nanos;
        }
    }

    private void begin(long millis) {
        busy.begin(millis * MILLI);
    }

    private void end(long millis) {
        busy.end(millis * MILLI);
    }

    private void goOn(long millis) {
        busy.goOn(millis * MILLI);
    }

    private long idleMillis() {
        return sums.idle / MILLI;
    }

    private long billedMillis() {
        return sums.billed / MILLI;
    }

    @Test
    void end_shortStretch_roundedUp() {
        begin(1000);
        end(1003);
        assertThat(billedMillis()).isEqualTo(100);
    }

    @Test
    void end_noTimeAtAll_isOneSlice() {
        begin(0);
        end(0);
        assertThat(billedMillis()).isEqualTo(100);
    }

    @Test
    void end_overlappingRequests_areBilledOnce() {
        begin(0);
        begin(150); // the second one while the first is there
        end(200);
        end(310);
        assertThat(billedMillis()).isEqualTo(400);
    }

    @Test
    void begin_withinWhatIsPaid_goesOnWithIt() {
        begin(0);
        end(3);
        begin(50);
        end(53);
        assertThat(billedMillis()).isEqualTo(100);
        begin(99); // to 203: three slices since 0
        end(203);
        assertThat(billedMillis()).isEqualTo(300);
    }

    @Test
    void begin_behindWhatIsPaid_isAStretchOfItsOwn() {
        begin(0);
        end(3);
        begin(150);
        end(153);
        assertThat(billedMillis()).isEqualTo(200);
    }

    @Test
    void goOn_duringALongRequest_changesNoTotal() {
        begin(0);
        for (int at = 0; at < 950; at += 50) {
            goOn(at);
        }
        assertThat(billedMillis()).isEqualTo(900);
        end(950);
        assertThat(billedMillis()).isEqualTo(1000);
        goOn(5000);
        assertThat(billedMillis()).isEqualTo(1000);
    }

    @Test
    void end_passesTheNextBegin_nothingIsLostOrDoubled() {
        begin(0);
        begin(105); // it came when the first was over, whose end is told later
        end(104);
        end(190);
        assertThat(billedMillis()).isEqualTo(200);
    }

    @Test
    void begin_clockThatIsNegative_works() {
        busy = new BusyTime(sums, -600 * MILLI);
        begin(-500);
        end(-450);
        begin(-100);
        end(20);
        assertThat(billedMillis()).isEqualTo(300);
    }

    @Test
    void keep_idleMinimum_isBilledBetweenWhatIsPaidAndTheNextRequest() {
        busy.keep(true, 0);
        begin(1000); // idle for a second
        goOn(1050);
        end(1130); // paid until 1200
        goOn(1150);
        assertThat(idleMillis()).isEqualTo(1000);
        goOn(1250);
        begin(1307); // idle from 1200 on
        end(1310);
        assertThat(idleMillis()).isEqualTo(1107);
        assertThat(billedMillis()).isEqualTo(300);
    }

    @Test
    void keep_noLongerAMinimum_isFree() {
        busy.keep(true, 0);
        busy.keep(false, 500 * MILLI);
        goOn(900);
        busy.keep(true, 1000 * MILLI);
        goOn(1100);
        assertThat(idleMillis()).isEqualTo(600);
    }

    @Test
    void atLeast_endsSooner_allOfItIsBilledAtOnce() {
        busy.atLeast(60_000 * MILLI);
        begin(0);
        goOn(50);
        assertThat(billedMillis()).isEqualTo(60_000);
        end(1000);
        assertThat(billedMillis()).isEqualTo(60_000);
    }

    @Test
    void atLeast_endsLater_roundedUp() {
        busy.atLeast(60_000 * MILLI);
        begin(0);
        begin(30_000); // a request in it changes nothing
        end(30_001);
        end(60_001);
        assertThat(billedMillis()).isEqualTo(60_100);
    }

    @Test
    void stop_requestsGoOn_areNotBilledHere() {
        begin(0);
        busy.stop(950 * MILLI);
        goOn(2000);
        end(3000);
        begin(4000);
        end(4001);
        assertThat(billedMillis()).isEqualTo(1000);
    }

    @Test
    void stop_idleMinimum_isBilledUntilThen() {
        busy.keep(true, 0);
        busy.stop(70 * MILLI);
        goOn(500);
        assertThat(idleMillis()).isEqualTo(70);
    }

    /** Two gateways, one after the other, bill what one would. */
    @Test
    void paidUntil_byWhoeverHadItBefore_isNotBilledAgain() {
        begin(0);
        end(30);
        busy.stop(40 * MILLI);
        long ahead = busy.aheadNanos(40 * MILLI);
        assertThat(ahead).isEqualTo(60 * MILLI);

        BusyTime other = new BusyTime(sums, 40 * MILLI);
        other.paidUntil(40 * MILLI + ahead);
        other.begin(50 * MILLI);
        other.end(60 * MILLI);
        assertThat(billedMillis()).isEqualTo(100);
        other.begin(90 * MILLI);
        other.end(120 * MILLI);
        assertThat(billedMillis()).isEqualTo(200);
    }
}
