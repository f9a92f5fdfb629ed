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
}
