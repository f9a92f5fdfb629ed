package dev.hearth.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Ipv4Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolversTest {
    private static final Set<Ipv4Network> HOST = Set.of(Ipv4Network.parse("192.168.7.2"));

    @TempDir Path etc;

    private Resolvers find(String hostsOwn, String behindResolved, String... given)
            throws IOException {
        Path first = Files.writeString(etc.resolve("resolv.conf"), hostsOwn);
        Path second = Files.writeString(etc.resolve("behind"), behindResolved);
        return Resolvers.find(List.of(given), List.of(first, second), HOST);
    }

    @Test
    void fileFor_hostWithServers_serversSearchAndOptionsAreKept() throws IOException {
        Resolvers found =
                find(
                        """
                        # made by hand
                        nameserver 10.0.0.53
                        nameserver 2001:db8::53
                        nameserver 192.168.7.2
                        nameserver\t9.9.9.9
                        search example.com  corp.example
                        options ndots:2 timeout:1
                        sortlist 10.0.0.0
                        """,
                        "nameserver 8.8.8.8\n");
        assertThat(found.fileFor(new Egress.Internet()))
                .isEqualTo(
                        """
                        nameserver 10.0.0.53
                        nameserver 9.9.9.9
                        search example.com  corp.example
                        options ndots:2 timeout:1
                        """);
        assertThat(found.fileFor(new Egress.None())).isEmpty();
        assertThat(found.fileFor(Egress.parse("10.0.0.0/24")))
                .startsWith("nameserver 10.0.0.53\nsearch");
        assertThat(found.fileFor(Egress.parse("10.1.0.0/24"))).isEmpty();
    }

    @Test
    void find_onlyLoopback_thoseBehindSystemdResolved() throws IOException {
        Resolvers found =
                find(
                        "nameserver 127.0.0.53\noptions edns0\nsearch a.example\n",
                        "nameserver 10.1.1.1\nsearch b.example\n");
        assertThat(found.fileFor(new Egress.All()))
                .isEqualTo("nameserver 10.1.1.1\noptions edns0\nsearch a.example\n");
    }

    @Test
    void find_given_winsAndKeepsTheRest() throws IOException {
        Resolvers found = find("nameserver 10.0.0.53\nsearch x\n", "", "10.9.9.9", "1.1.1.1");
        assertThat(found.fileFor(new Egress.All()))
                .isEqualTo("nameserver 10.9.9.9\nnameserver 1.1.1.1\nsearch x\n");
    }

    @Test
    void find_nobodyReachable_none() throws IOException {
        assertThat(find("nameserver ::1\n", "").servers()).isEmpty();
        assertThat(Resolvers.find(List.of(), List.of(etc.resolve("missing")), HOST).servers())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "192.168.7.2", "10.0.0.0/8"})
    void find_givenTheHostItself_refused(String server) {
        assertThatThrownBy(() -> find("", "", server)).hasMessageContaining("name another");
    }

    @Test
    void find_hostsFileWithControlCharacters_thatLineIsLeftOut() throws IOException {
        assertThat(find("nameserver 10.0.0.1\nsearch a\u0001b\n", "").rest()).isEmpty();
    }
}
