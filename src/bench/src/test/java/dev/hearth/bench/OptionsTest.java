package dev.hearth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final Set<String> NAMES = Set.of("--starts");

    @Test
    void parse_unknownOption_refusedWithThoseThereAre() {
        assertThatThrownBy(() -> Options.parse("cold", NAMES, "--nonsense"))
                .isInstanceOf(BenchFailure.class)
                .hasMessageContaining("--nonsense")
                .hasMessageContaining("--starts");
    }

    @Test
    void number_absentGivenAndOutOfRange() {
        assertThat(Options.parse("cold", NAMES).number("--starts", 300, 1000)).isEqualTo(300);
        assertThat(Options.parse("cold", NAMES, "--starts", "7").number("--starts", 300, 1000))
                .isEqualTo(7);
        Options zero = Options.parse("cold", NAMES, "--starts=0");
        assertThatThrownBy(() -> zero.number("--starts", 300, 1000))
                .hasMessageContaining("--starts 0 is not a number from 1 to 1000");
    }

    @Test
    void image_missing_isSaid() {
        assertThatThrownBy(() -> Options.parse("cold", NAMES).image())
                .hasMessageContaining("--image is missing");
    }
}
