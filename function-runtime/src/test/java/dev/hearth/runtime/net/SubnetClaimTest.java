package dev.hearth.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With the machine's own nftables; needs root. */
@Tag("root")
class SubnetClaimTest {
    private static final String DEAD = "hearth_deadbe";

    @AfterEach
    void removeRules() throws IOException {
        Nft.apply("table inet " + DEAD + "\ndelete table inet " + DEAD + "\n");
    }

    @Test
    void claim_rulesOfAPlatformThatWasKilled_anotherSubnet() throws IOException {
        String free;
        try (Subnet subnet = Subnet.claim("hffffff-", OptionalInt.empty(), others())) {
            free = subnet.text();
        }
        Firewall dead = new Firewall(DEAD, "hdeadbe-", free, List.of());
        dead.put();
        assertThat(others()).contains(free);
        try (Subnet subnet = Subnet.claim("hffffff-", OptionalInt.empty(), others())) {
            assertThat(subnet.text()).isNotEqualTo(free);
        }
        // to its owner they are no hindrance
        assertThat(Nft.subnetsOfOthers(DEAD)).doesNotContain(free);
    }

    @Test
    void claim_addressOfAnEarlierRun_itsSubnet() throws IOException {
        int base; // one that is free, whoever has which, but not the first, which anybody would get
        try (Subnet first = Subnet.claim("hffffff-", OptionalInt.empty(), others());
                Subnet next = Subnet.claim("hffffff-", OptionalInt.empty(), others())) {
            assertThat(next.base()).isNotEqualTo(first.base());
            base = next.base();
        }
        try (Subnet subnet = Subnet.claim("hffffff-", OptionalInt.of(base | 6), others())) {
            assertThat(subnet.base()).isEqualTo(base);
        }
    }

    private static Set<String> others() throws IOException {
        return Nft.subnetsOfOthers("hearth_ffffff");
    }
}
