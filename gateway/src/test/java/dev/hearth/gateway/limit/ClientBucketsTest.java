package dev.hearth.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.RateLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientBucketsTest {
    private final ClientBuckets clients = new ClientBuckets(RateLimit.parse("1/h,burst=2"));

    @Test
    void oneClientsExcess_takesNothingFromAnother() {
        assertThat(clients.take(1, 0)).isZero();
        assertThat(clients.take(1, 0)).isZero();
        assertThat(clients.take(1, 0)).isPositive();
        assertThat(clients.take(2, 0)).isZero();
    }

    @Test
    void aMillionClients_areNotAllRemembered() {
        for (long client = 0; client < 1_000_000; client++) {
            clients.take(client, client);
        }
        assertThat(clients.size()).isPositive().isLessThanOrEqualTo(ClientBuckets.MOST);
    }

    @Test
    void clientsWhoseBucketsAreFullAgain_areForgottenFirst() {
        ClientBuckets quick = new ClientBuckets(RateLimit.parse("1000/s"));
        for (long client = 0; client < 10_000; client++) {
            quick.take(client, client * 10_000_000);
        }
        // each had 10 ms, and needs one to fill up: no set has kept more than it was just given
        assertThat(quick.size()).isLessThanOrEqualTo(ClientBuckets.MOST / 16);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "192.0.2.1, ::ffff:192.0.2.1, true",
        "2001:db8:1:2::1, 2001:db8:1:2:ffff::9, true",
        "2001:db8:1:2::1, 2001:db8:1:3::1, false",
        "fe80::1%eth0, fe80::2%1, true",
        "999.0.2.1, 999.0.2.2, true",
        "0.0.0.1, ::1, false"
    })
    void key_sameForOneAddressOrNetwork(String one, String other, boolean same) {
        assertThat(ClientKey.of(one) == ClientKey.of(other)).isEqualTo(same);
    }
}
