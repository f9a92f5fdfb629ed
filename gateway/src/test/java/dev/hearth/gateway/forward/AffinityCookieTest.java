package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AffinityCookieTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "a=1                        | ''  | a=1",
                "hearth-affinity=x          | x   | ''",
                "a=1; hearth-affinity=x;b=2 | x   | a=1; b=2",
                "my-hearth-affinity=x       | ''  | my-hearth-affinity=x",
                "hearth-affinity=           | ''  | ''",
                "hearth-affinity            | ''  | ''",
                "hearth-affinity=x; hearth-affinity=y | x | ''"
            })
    void header_anyForm_givesTheValueAndTheRest(String header, String value, String rest) {
        assertThat(AffinityCookie.in(List.of(header))).isEqualTo(value);
        assertThat(AffinityCookie.without(header)).isEqualTo(rest);
    }

    @Test
    void value_tooLong_isNone() {
        assertThat(AffinityCookie.in(List.of("hearth-affinity=" + "x".repeat(65)))).isEmpty();
    }
}
