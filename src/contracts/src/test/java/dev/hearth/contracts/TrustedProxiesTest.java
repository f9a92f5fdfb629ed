package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,            10.255.0.1,       true",
        "10.0.0.0/8,            11.0.0.0,         false",
        "10.0.0.0/8,            a::,              false",
        "192.0.2.7,             192.0.2.7,        true",
        "192.0.2.7,             192.0.2.6,        false",
        "172.16.0.0/12,         172.31.255.255,   true",
        "172.16.0.0/12,         172.32.0.0,       false",
        "0.0.0.0/0,             203.0.113.1,      true",
        "0.0.0.0/0,             2001:db8::1,      false",
        "2001:db8::/32,         2001:db8:ff::1,   true",
        "2001:db8::/33,         2001:db8:8000::,  false",
        "::1,                   ::1,              true",
        "::ffff:192.0.2.1,      192.0.2.1,        true",
        "'10.0.0.0/8, fd00::/8', fd12::3,         true",
    })
    void trust_addressesOfTheNetworks(String networks, String address, boolean trusted) {
        assertThat(TrustedProxies.parse(networks).trust(InetAddress.ofLiteral(address)))
                .isEqualTo(trusted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0/8,",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/8/8",
                "::/129",
                "proxy.example.com",
                "10.0.0.256",
                "all"
            })
    void parse_notNetworks_isRefused(String text) {
        assertThatThrownBy(() -> TrustedProxies.parse(text))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("invalid-proxies");
                            assertThat(e.getMessage()).contains("10.0.0.0/8");
                        });
    }

    @Test
    void parse_tooMany_isRefused() {
        String many = String.join(",", Collections.nCopies(TrustedProxies.MOST + 1, "10.0.0.1"));
        assertThatThrownBy(() -> TrustedProxies.parse(many))
                .hasMessageContaining("65")
                .hasMessageContaining("64");
    }

    @Test
    void none_trustsNobody() throws Exception {
        assertThat(TrustedProxies.NONE.trust(InetAddress.ofLiteral("127.0.0.1"))).isFalse();
        assertThat(TrustedProxies.NONE.areNone()).isTrue();
    }
}
