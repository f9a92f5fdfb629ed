package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressTest {
    @ParameterizedTest
    @ValueSource(strings = {"none", "internet", "all", "10.0.0.0/8", "10.1.0.0/16,203.0.113.7/32"})
    void parse_itsOwnText_theSame(String text) {
        assertThat(Egress.parse(text)).hasToString(text);
        assertThat(Egress.parse(Egress.parse(text).toString())).isEqualTo(Egress.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7, 203.0.113.7/32",
        "'9.9.9.0/24,1.1.1.0/24', '1.1.1.0/24,9.9.9.0/24'", // sorted
        "'10.1.0.0/16,10.1.0.0/16', 10.1.0.0/16", // once
        "'10.1.2.0/24,10.0.0.0/8,10.1.2.3', 10.0.0.0/8", // the widest
        "0.0.0.0/0, 0.0.0.0/0",
    })
    void parse_list_sortedWithoutWhatIsInAnother(String text, String canonical) {
        assertThat(Egress.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "'', none of: none",
        "intranet, none of: none",
        "INTERNET, none of: none",
        "10.0.0.0/8;, not an IPv4 network",
        "'10.0.0.0/8,', not an IPv4 network",
        "10.0.0.0/33, prefix of 0 to 32",
        "10.0.0.256, not an IPv4 network",
        "1.2.3, not an IPv4 network",
        "10.1.2.3/8, say 10.0.0.0/8 or 10.1.2.3/32",
        "2001:db8::/32, IPv6",
        "169.254.169.254, may send to 169.254.0.0/16",
        "127.0.0.1, may send to 127.0.0.0/8",
        "224.0.0.1/32, may send to 224.0.0.0/4",
    })
    void parse_somethingElse_oneSentenceSaysWhy(String text, String why) {
        assertThatThrownBy(() -> Egress.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
                            assertThat(e.sentence()).contains(why).doesNotContain("\n");
                        });
    }

    @Test
    void parse_moreNetworksThanTheMost_refused() {
        String many =
                IntStream.range(0, Egress.Only.MOST + 1)
                        .mapToObj(i -> "10.0.0." + i)
                        .collect(Collectors.joining(","));
        assertThatThrownBy(() -> Egress.parse(many)).hasMessageContaining("1 and 64");
    }

    @Test
    void contains_networks_byTheirBits() {
        Ipv4Network ten = Ipv4Network.parse("10.0.0.0/8");
        assertThat(ten.contains(Ipv4Network.parse("10.255.0.0/16"))).isTrue();
        assertThat(ten.contains(ten)).isTrue();
        assertThat(ten.contains(Ipv4Network.parse("11.0.0.0/16"))).isFalse();
        assertThat(ten.contains(Ipv4Network.parse("0.0.0.0/0"))).isFalse();
        assertThat(Ipv4Network.parse("0.0.0.0/0").contains(ten)).isTrue();
    }
}
