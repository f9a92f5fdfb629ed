package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.UsagePort.Time;
import dev.hearth.contracts.UsagePort.Used;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PricesTest {
    private static final long SECOND = 1_000_000_000;
    private static final long GIB = 1L << 30;

    @Test
    void cost_byRequest_isCloudRunsListPrice() {
        Used used =
                new Used(
                        Billing.REQUEST,
                        1_000_000,
                        Time.of(1000 * SECOND, 2000, 4 * GIB),
                        Time.of(100 * SECOND, 2000, 4 * GIB),
                        GIB);
        // 2000 vCPU-s, 4000 GiB-s; idle 200 and 400; a million requests; octets are free
        assertThat(Prices.LIST.cost(used)).isEqualByComparingTo("0.4595");
    }

    @Test
    void cost_byInstance_hasNoFeeForRequests() {
        Used used =
                new Used(
                        Billing.INSTANCE,
                        1_000_000,
                        Time.of(1000 * SECOND, 1000, GIB / 2),
                        Time.NONE,
                        0);
        assertThat(Prices.LIST.cost(used)).isEqualByComparingTo("0.019");
    }

    /** However a bill is cut in parts, and in whatever order they are added up. */
    @Test
    void cost_ofParts_isThatOfTheWhole_exactly() {
        Random random = new Random(3);
        Prices prices =
                new Prices(
                        1.0 / 3,
                        0.000_007_1,
                        0.123,
                        0.09,
                        new Prices.Time(1e-9, 0.1),
                        new Prices.Time(1, 2));
        Used whole = Used.nothing(Billing.REQUEST);
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < 1000; i++) {
            Used part =
                    new Used(
                            Billing.REQUEST,
                            random.nextInt(3),
                            Time.of(random.nextLong(SECOND), 333, 123_456_789),
                            Time.of(random.nextLong(SECOND), 333, 123_456_789),
                            random.nextInt());
            whole = whole.plus(part);
            sum = sum.add(prices.cost(part));
        }
        assertThat(sum).isEqualByComparingTo(prices.cost(whole));
    }

    @Test
    void prices_negativeOrNoNumber_areRefused() {
        assertThatThrownBy(() -> new Prices.Time(-1, 0)).isInstanceOf(HearthException.class);
        assertThatThrownBy(() -> new Prices.Time(0, Double.NaN))
                .isInstanceOf(HearthException.class);
    }
}
