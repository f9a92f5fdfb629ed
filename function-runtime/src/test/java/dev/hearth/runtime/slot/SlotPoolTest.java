package dev.hearth.runtime.slot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlotPoolTest {
    private static final long GIB = 1L << 30;

    @Test
    void usualSize_growsWithTheMachine_withinBounds() {
        assertThat(SlotPool.usualSize(GIB / 8)).isEqualTo(4);
        assertThat(SlotPool.usualSize(GIB)).isEqualTo(16);
        assertThat(SlotPool.usualSize(4 * GIB)).isEqualTo(64);
        assertThat(SlotPool.usualSize(512 * GIB)).isEqualTo(128);
    }
}
