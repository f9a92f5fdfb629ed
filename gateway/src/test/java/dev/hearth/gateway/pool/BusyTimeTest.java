package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyTimeTest {
    private static final long MILLI = 1_000_000;

    private final BusyTime busy = new BusyTime();
    private long billed;

    private void begin(long millis) {
        busy.begin(millis * MILLI);
    }

    private void end(long millis) {
        billed += busy.end(millis * MILLI);
    }

    private long billedMillis() {
        return billed / MILLI;
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
            billed += busy.goOn(at * MILLI);
        }
        assertThat(billedMillis()).isEqualTo(900);
        end(950);
        assertThat(billedMillis()).isEqualTo(1000);
        assertThat(busy.goOn(5000 * MILLI)).isZero();
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
        busy.begin(-500 * MILLI);
        billed += busy.end(-450 * MILLI);
        busy.begin(-100 * MILLI);
        billed += busy.end(20 * MILLI);
        assertThat(billedMillis()).isEqualTo(300);
    }
}
