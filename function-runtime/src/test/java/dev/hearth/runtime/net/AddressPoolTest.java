package dev.hearth.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
    private static final int BASE = (10 << 24) | (83 << 16);

    @Test
    void take_released_restsUntilTheOthersWereUsed() {
        AddressPool pool = new AddressPool(BASE, 29); // four pairs
        int first = pool.take();
        assertThat(AddressPool.text(first)).isEqualTo("10.83.0.0");
        pool.release(first);
        assertThat(AddressPool.text(pool.take())).isEqualTo("10.83.0.2");
        assertThat(AddressPool.text(pool.take())).isEqualTo("10.83.0.4");
        assertThat(AddressPool.text(pool.take())).isEqualTo("10.83.0.6");
        assertThat(pool.take()).isEqualTo(first);
    }

    @Test
    void take_allInUse_saysSo() {
        AddressPool pool = new AddressPool(BASE, 30);
        pool.take();
        pool.take();
        assertThatThrownBy(pool::take)
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.reason()).isEqualTo("no-address"));
    }

    @Test
    void takeAgain_ofARunningLink_neverGivenToAnother() {
        AddressPool pool = new AddressPool(BASE, 29);
        assertThat(pool.takeAgain(BASE + 2)).isTrue();
        assertThat(pool.takeAgain(BASE + 2)).isFalse(); // taken
        assertThat(pool.takeAgain(BASE + 8)).isFalse(); // not of this pool
        assertThat(pool.takeAgain(BASE - 2)).isFalse();
        assertThat(pool.take()).isEqualTo(BASE + 4);
        assertThat(pool.take()).isEqualTo(BASE + 6);
        assertThat(pool.take()).isEqualTo(BASE);
        assertThatThrownBy(pool::take).isInstanceOf(HearthException.class);
        pool.release(BASE + 2);
        assertThat(pool.take()).isEqualTo(BASE + 2);
    }
}
